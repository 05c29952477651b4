# ViFi-CLIP's learner on K400: frame-wise CLIP, both encoders tuned, one
# template, mean of the frame features. Data as in Open-MeDe: 8 frames (the
# release has 32) and no mixup. Batch size 32 makes 256 on 8 GPUs.
_base_ = [
    '../_base_/models/clip.py',
    '../_base_/datasets/k400_zs_uniform.py',
    '../_base_/schedules/adamw_10e.py',
    '../_base_/default_runtime.py',
]

model = dict(
    cls_head=dict(
        templates='vifi_clip',
        fusion='mean_embedding',
        text_trainable=True,
    )
)
train_dataloader = dict(batch_size=32)
