# Table 12: half of CLIP's weights at test. Trains as ../k400_zs.py does.
_base_ = '../k400_zs.py'

custom_hooks = [*_base_.custom_hooks, dict(type='WeightPatchHook', alpha=0.5)]
