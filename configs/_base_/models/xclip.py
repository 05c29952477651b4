# X-CLIP ViT-B/16: message tokens between frames, a temporal transformer, text
# prompted by the video. Text tower and temperature stay. Pixels and blending
# are ViFi-CLIP's, which took them over.
_base_ = './vifi_clip.py'

model = dict(
    backbone=dict(type='XCLIPViT'),
    neck=dict(type='TemporalTransformer', num_frames=32),
    cls_head=dict(type='VideoSpecificTextHead', templates='bare'),
    trainable=['backbone.', 'neck.', 'prompts_'],
)
