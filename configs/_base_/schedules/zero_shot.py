# ViFi-CLIP and TC-CLIP, zero-shot: 10 epochs of which 5 warm up, 256 videos
# an update on any number of GPUs. What CLIP lacks learns 10 times as fast;
# weight decay is on everything, and gradients are not clipped.
train_cfg = dict(
    type='OpenVocabularyTrainLoop', max_epochs=10, total_batch_size=256
)
val_cfg = dict(type='OpenVocabularyValLoop')

optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(
        type='AdamW', lr=8e-6, betas=(0.9, 0.98), weight_decay=0.001
    ),
    paramwise_cfg=dict(
        custom_keys=dict(
            prompt_learner=dict(lr_mult=10.0),
            prompt_generation=dict(lr_mult=10.0),
        )
    ),
)
param_scheduler = [
    dict(
        type='TimmCosineLR',
        warmup=5,
        eta_min_ratio=0.01,
        by_epoch=True,
        convert_to_iter_based=True,
    )
]
