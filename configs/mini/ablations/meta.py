# Cross-batch meta-optimisation without the average.
_base_ = './meta_gwa.py'

custom_hooks = _base_.custom_hooks[:-1]
