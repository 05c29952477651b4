# Table 7 (c), zero-shot: the tuned weights alone are tested.
_base_ = '../k400_zs.py'

custom_hooks = _base_.custom_hooks[:-1]
