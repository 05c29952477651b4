# ActionCLIP: a temporal transformer behind the frames. Vision is tuned, text
# is not, as for all learners here.
_base_ = '../../_base_/mini_temporal.py'

model = dict(
    neck=dict(type='TemporalTransformer', num_frames=8, layers=6),
    cls_head=dict(fusion='mean_embedding'),
    trainable=['backbone.', 'neck.'],
)
