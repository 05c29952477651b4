# Vita-CLIP on K400, for 8 GPUs: 8 frames with stride 16, random resized crops
# and RandAugment.
_base_ = [
    '../_base_/models/vita_clip.py',
    '../_base_/datasets/k400_zs.py',
    '../_base_/schedules/vita_clip_32e.py',
    '../_base_/default_runtime.py',
]

train_pipeline = [
    *_base_.train_pipeline[:3],
    dict(type='RandomResizedCrop'),
    dict(type='Resize', scale=(224, 224), keep_ratio=False),
    dict(type='ClipRandAugment', num_ops=4, magnitude=21),
    *_base_.train_pipeline[-2:],
]
train_dataloader = dict(batch_size=32, dataset=dict(pipeline=train_pipeline))
train_cfg = dict(total_batch_size=256)
