# Open-VCLIP ViT-L/14: more of CLIP at test; blocks are recomputed to save
# memory.
_base_ = './k400_zs.py'

model = dict(arch='ViT-L-14-quickgelu', backbone=dict(with_cp=True))
custom_hooks = [
    *_base_.custom_hooks[:-1],
    dict(type='WeightPatchHook', open_vclip_ratio=0.6),
]
