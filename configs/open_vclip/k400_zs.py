# Open-VCLIP ViT-B/16: interpolated weight regularisation, average of the
# epochs from the end of the warm-up on, half CLIP at test.
_base_ = './k400_plain.py'

custom_hooks = [
    *_base_.custom_hooks,
    dict(type='IWRHook', max_alpha=0.6, loss_weight=0.5),
    dict(type='SWAHook', begin=2),
    dict(type='WeightPatchHook', open_vclip_ratio=0.5),
]
