# The frozen tiny CLIP on the embedded benchmark: all that the methods share.
# Vision is tuned, frame by frame; text and temperature stay.
_base_ = [
    './datasets/mini.py',
    './recipes/meta.py',
    './schedules/mini_14e.py',
    './default_runtime.py',
]

model = dict(
    type='CLIPRecognizer',
    arch=dict(
        embed_dim=64,
        quick_gelu=True,
        vision_cfg=dict(
            image_size=32, patch_size=8, width=96, head_width=24, layers=4
        ),
        text_cfg=dict(
            context_length=16, vocab_size=54, width=64, heads=4, layers=2
        ),
    ),
    weights=_base_.mini.weights,
    backbone=dict(type='CLIPViT'),
    cls_head=dict(
        type='TextHead',
        tokenizer=_base_.mini.words,
        templates=[
            'a photo of a {}',
            'a picture of a {}',
            'a video of a {}',
            'a {}',
        ],
        logit_scale_trainable=False,
    ),
)

# Open-MeDe: two tasks of 4 support and 4 query videos an update.
meta_loop = dict(
    type='CrossBatchTrainLoop', total_tasks=2, total_batch_size=None
)
