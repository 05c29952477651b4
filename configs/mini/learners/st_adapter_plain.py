# ST-Adapter: adapters over time before the MLPs of frozen CLIP, alone tuned.
_base_ = '../../_base_/recipes/st_adapter.py'

model = dict(
    backbone=dict(type='STAdapterViT', before=['mlp']),
    cls_head=dict(fusion='mean_embedding'),
    trainable=['adapter'],
)
