# Open-VCLIP: IWR, average of the epochs, half CLIP at test.
_base_ = './iwr.py'

custom_hooks = [
    *_base_.custom_hooks,
    dict(type='SWAHook', begin=3),
    dict(type='WeightPatchHook', open_vclip_ratio=0.5),
]
