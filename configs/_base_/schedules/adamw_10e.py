# ViFi-CLIP's learning rate, betas and weight decay, for 256 videos a step.
_base_ = './warmup_cosine.py'

train_cfg = dict(type='OpenVocabularyTrainLoop', max_epochs=10)
val_cfg = dict(type='OpenVocabularyValLoop')

optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(
        type='AdamW', lr=8e-6, betas=(0.9, 0.98), weight_decay=0.001
    ),
)
param_scheduler = [
    dict(_base_.param_scheduler[0], end=5),
    dict(_base_.param_scheduler[1], begin=5, end=10),
]
