# Table 5c: interpolated weight regularisation.
_base_ = './plain.py'

custom_hooks = [*_base_.custom_hooks, dict(type='IWRHook')]
