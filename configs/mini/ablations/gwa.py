# Gaussian average of plain fine-tuning.
_base_ = '../vclip.py'

custom_hooks = [*_base_.custom_hooks, _base_.gwa]
