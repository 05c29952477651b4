# ST-Adapter on K400, for 8 GPUs: 8 frames with stride 16, the short side
# 1 to 1.15 times the crop.
_base_ = [
    '../_base_/models/st_adapter.py',
    '../_base_/datasets/k400_zs.py',
    '../_base_/schedules/st_adapter_12e.py',
    '../_base_/default_runtime.py',
]

train_pipeline = [
    *_base_.train_pipeline[:3],
    dict(type='RandomRescale', scale_range=(224, 258)),
    *_base_.train_pipeline[4:],
]
train_dataloader = dict(batch_size=32, dataset=dict(pipeline=train_pipeline))
train_cfg = dict(total_batch_size=256)
