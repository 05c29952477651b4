# ActionCLIP's schedule, for 128 videos a step: 5 epochs of warm-up, 45 of
# cosine. The temporal layers learn 10 times as fast, as in MMAction2's
# ActionCLIP.
_base_ = './warmup_cosine.py'

train_cfg = dict(type='OpenVocabularyTrainLoop', max_epochs=50)
val_cfg = dict(type='OpenVocabularyValLoop')

optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='AdamW', lr=5e-6, betas=(0.9, 0.98), weight_decay=0.2),
    paramwise_cfg=dict(custom_keys={'neck.': dict(lr_mult=10.0)}),
)
param_scheduler = [
    dict(_base_.param_scheduler[0], end=5),
    dict(_base_.param_scheduler[1], begin=5, end=50, eta_min_ratio=0.0),
]
