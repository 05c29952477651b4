# As st_adapter_plain.py with interpolated weight regularisation.
_base_ = './st_adapter_plain.py'

custom_hooks = [*_base_.custom_hooks, dict(type='IWRHook')]
