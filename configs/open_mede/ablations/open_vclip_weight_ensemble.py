# Table 12: half of CLIP's weights at test. Trains as ./open_vclip.py does.
_base_ = './open_vclip.py'

custom_hooks = [*_base_.custom_hooks, dict(type='WeightPatchHook', alpha=0.5)]
