# ST-Adapter's schedule, for 256 videos a step: 2 epochs of warm-up, 10 of
# cosine. Biases do not decay.
train_cfg = dict(type='OpenVocabularyTrainLoop', max_epochs=12)
val_cfg = dict(type='OpenVocabularyValLoop')

optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='AdamW', lr=1e-3, weight_decay=0.01),
    paramwise_cfg=dict(bias_decay_mult=0.0),
)
param_scheduler = [
    dict(
        type='LinearLR',
        start_factor=0.01,
        begin=0,
        end=2,
        by_epoch=True,
        convert_to_iter_based=True,
    ),
    dict(
        type='CosineAnnealingLR',
        eta_min=0.0,
        begin=2,
        end=12,
        by_epoch=True,
        convert_to_iter_based=True,
    ),
]
