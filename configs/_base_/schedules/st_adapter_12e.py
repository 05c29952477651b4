# ST-Adapter's schedule, for 256 videos a step: 2 epochs of warm-up, 10 of
# cosine. Biases do not decay.
_base_ = './warmup_cosine.py'

train_cfg = dict(type='OpenVocabularyTrainLoop', max_epochs=12)
val_cfg = dict(type='OpenVocabularyValLoop')

optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='AdamW', lr=1e-3, weight_decay=0.01),
    paramwise_cfg=dict(bias_decay_mult=0.0),
)
param_scheduler = [
    _base_.param_scheduler[0],
    dict(_base_.param_scheduler[1], end=12, eta_min_ratio=0.0),
]
