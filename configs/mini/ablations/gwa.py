# Gaussian average of plain fine-tuning.
_base_ = '../vclip.py'

custom_hooks = [*_base_.custom_hooks, dict(type='GWAHook', mu=8.4, sigma=3.5)]
