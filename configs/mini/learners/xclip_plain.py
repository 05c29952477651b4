# X-CLIP: message tokens between frames, a temporal transformer, text prompted
# by the video. All of vision and what is new are tuned.
_base_ = '../../_base_/recipes/xclip.py'

model = dict(
    backbone=dict(type='XCLIPViT'),
    neck=dict(type='TemporalTransformer', num_frames=8),
    cls_head=dict(type='VideoSpecificTextHead', fusion='mean_embedding'),
    trainable=['backbone.', 'neck.', 'prompts_'],
)
