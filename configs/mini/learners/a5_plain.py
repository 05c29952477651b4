# A5 ("VPT" in Open-MeDe's tables): CLIP stays as it is. Tuned are vectors on
# either side of the class name and a temporal transformer behind the frames.
_base_ = '../../_base_/mini_temporal.py'

model = dict(
    neck=dict(type='TemporalTransformer', num_frames=8, layers=2),
    cls_head=dict(
        _delete_=True,
        type='A5TextHead',
        tokenizer=_base_.mini.words,
        n_ctx=2,
        n_behind=2,
        fusion='mean_embedding',
        logit_scale_trainable=False,
    ),
    trainable=['neck.', 'ctx'],
)
