# ActionCLIP's schedule, for 128 videos a step: 5 epochs of warm-up, 45 of
# cosine. The temporal layers learn 10 times as fast, as in MMAction2's
# ActionCLIP.
train_cfg = dict(type='OpenVocabularyTrainLoop', max_epochs=50)
val_cfg = dict(type='OpenVocabularyValLoop')

optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='AdamW', lr=5e-6, betas=(0.9, 0.98), weight_decay=0.2),
    paramwise_cfg=dict(custom_keys={'neck.': dict(lr_mult=10.0)}),
)
param_scheduler = [
    dict(
        type='LinearLR',
        start_factor=0.01,
        begin=0,
        end=5,
        by_epoch=True,
        convert_to_iter_based=True,
    ),
    dict(
        type='CosineAnnealingLR',
        eta_min=0.0,
        begin=5,
        end=50,
        by_epoch=True,
        convert_to_iter_based=True,
    ),
]
