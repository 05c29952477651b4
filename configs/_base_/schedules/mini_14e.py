# 14 epochs of 58 steps of 16 videos: a warm-up of one epoch, then cosine.
_base_ = './warmup_cosine.py'

train_cfg = dict(
    type='OpenVocabularyTrainLoop', max_epochs=14, total_batch_size=16
)

optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='AdamW', lr=5e-4, weight_decay=0.05),
    clip_grad=dict(max_norm=1.0),
)
param_scheduler = [
    dict(_base_.param_scheduler[0], end=1),
    dict(_base_.param_scheduler[1], begin=1, end=14),
]
