# VL prompting of ViFi-CLIP ViT-B/16, few-shot: 10 prompt tokens in each of
# the 12 layers of both towers. CLIP stays as it is, or as it was loaded.
_base_ = './vifi_clip.py'

model = dict(
    backbone=dict(type='PromptedCLIPViT', n_ctx=10, depth=12),
    cls_head=dict(
        type='LearnablePromptTextHead',
        n_ctx=10,
        depth=12,
        templates='{}.',  # no words: more vectors than 4 are all drawn
        classname_style='underscores_to_spaces',
    ),
    trainable=['VPT', 'prompt_learner'],
)
