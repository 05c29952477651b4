# Table 7, meta only: k400_zs.py without the Gaussian average.
_base_ = '../k400_zs.py'

custom_hooks = _base_.custom_hooks[:-1]
