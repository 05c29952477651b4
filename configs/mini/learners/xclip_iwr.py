# As xclip_plain.py with interpolated weight regularisation.
_base_ = './xclip_plain.py'

custom_hooks = [*_base_.custom_hooks, dict(type='IWRHook')]
