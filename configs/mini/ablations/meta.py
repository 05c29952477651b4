# Cross-batch meta-optimisation without the average.
_base_ = '../open_mede.py'

custom_hooks = _base_.custom_hooks[:-1]
