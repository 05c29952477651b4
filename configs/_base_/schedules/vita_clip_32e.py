# Vita-CLIP's schedule, for 256 videos a step: cosine without a warm-up. The
# authors count 30,000 steps; of K400's 240,000 videos these are 32 epochs.
train_cfg = dict(type='OpenVocabularyTrainLoop', max_epochs=32)
val_cfg = dict(type='OpenVocabularyValLoop')

optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='AdamW', lr=4e-4, weight_decay=0.05),
)
param_scheduler = [
    dict(
        type='CosineAnnealingLR',
        eta_min=0.0,
        begin=0,
        end=32,
        by_epoch=True,
        convert_to_iter_based=True,
    ),
]
