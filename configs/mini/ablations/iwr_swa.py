# IWR and the average of the epochs: Open-VCLIP before its patch.
_base_ = './iwr.py'

custom_hooks = [*_base_.custom_hooks, dict(type='SWAHook', begin=3)]
