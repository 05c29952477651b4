# 14 epochs of 30 steps of 32 videos: a warm-up of one epoch, then cosine.
train_cfg = dict(
    type='OpenVocabularyTrainLoop', max_epochs=14, total_batch_size=32
)

optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='AdamW', lr=1e-3, weight_decay=0.05),
    clip_grad=dict(max_norm=1.0),
)
param_scheduler = [
    dict(
        type='LinearLR',
        start_factor=0.01,
        begin=0,
        end=1,
        by_epoch=True,
        convert_to_iter_based=True,
    ),
    dict(
        type='CosineAnnealingLR',
        eta_min_ratio=0.01,
        begin=1,
        end=14,
        by_epoch=True,
        convert_to_iter_based=True,
    ),
]
