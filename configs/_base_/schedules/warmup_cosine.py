# A linear warm-up from a hundredth of the learning rate, then cosine to it;
# schedules say from which epoch to which.
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
        eta_min_ratio=0.01,
        begin=2,
        end=22,
        by_epoch=True,
        convert_to_iter_based=True,
    ),
]
