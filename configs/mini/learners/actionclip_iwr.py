# As actionclip_plain.py with interpolated weight regularisation.
_base_ = './actionclip_plain.py'

custom_hooks = [*_base_.custom_hooks, dict(type='IWRHook')]
