# Open-VCLIP: half CLIP at test.
_base_ = './iwr_swa.py'

custom_hooks = [
    *_base_.custom_hooks,
    dict(type='WeightPatchHook', open_vclip_ratio=0.5),
]
