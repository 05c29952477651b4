# Table 12, Open-VCLIP naive: IWR and the average of the epochs.
_base_ = './iwr.py'

custom_hooks = [*_base_.custom_hooks, dict(type='SWAHook')]
