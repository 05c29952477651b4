# Table 7, GWA only.
_base_ = './plain.py'

custom_hooks = [*_base_.custom_hooks, dict(type='GWAHook')]
