# ViFi-CLIP's learning rate, betas and weight decay, for 256 videos a step.
train_cfg = dict(type='OpenVocabularyTrainLoop', max_epochs=10)
val_cfg = dict(type='OpenVocabularyValLoop')

optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(
        type='AdamW', lr=8e-6, betas=(0.9, 0.98), weight_decay=0.001
    ),
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
        eta_min_ratio=0.01,
        begin=5,
        end=10,
        by_epoch=True,
        convert_to_iter_based=True,
    ),
]
