# Interpolated weight regularisation.
_base_ = '../vclip.py'

custom_hooks = [*_base_.custom_hooks, dict(type='IWRHook')]
