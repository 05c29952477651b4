# ST-Adapter ViT-B/16: 12 adapters in frozen CLIP. The 24 of Something-
# Something are backbone.before=['attn', 'mlp'].
_base_ = './clip.py'

model = dict(
    backbone=dict(type='STAdapterViT', before=['mlp']),
    cls_head=dict(fusion='mean_embedding'),
    trainable=['adapter'],
)
