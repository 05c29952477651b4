# Open-VCLIP's schedule: 2 epochs of linear warm-up, 20 of cosine. The
# learning rate is that of 64 videos a step and is not scaled with the batch.
# --amp of tools/train.py trains in half precision, as the authors did.
_base_ = './warmup_cosine.py'

lr = 3.33e-6

train_cfg = dict(type='OpenVocabularyTrainLoop', max_epochs=22)
val_cfg = dict(type='OpenVocabularyValLoop')

optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='AdamW', lr=lr, weight_decay=0.01),
    paramwise_cfg=dict(flat_decay_mult=0.0),
    clip_grad=dict(max_norm=1.0),
)
