# Table 12: half of CLIP's weights at test. Trains as ./plain.py does.
_base_ = './plain.py'

custom_hooks = [*_base_.custom_hooks, dict(type='WeightPatchHook', alpha=0.5)]
