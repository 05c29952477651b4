# Vita-CLIP: local, global and summary prompts in frozen CLIP, alone tuned.
_base_ = '../../_base_/recipes/vita_clip.py'

model = dict(
    backbone=dict(type='VitaCLIPViT', num_frames=8),
    cls_head=dict(fusion='mean_embedding'),
    trainable=['prompts.', 'time_embed'],
)
