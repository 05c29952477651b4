# A5, for 8 GPUs: 16 frames, a learning rate of 1e-4. The paper's schedule was
# not at hand; epochs and augmentation are those of ViFi-CLIP.
_base_ = [
    '../_base_/models/a5.py',
    '../_base_/datasets/tc_clip.py',
    '../_base_/schedules/adamw_10e.py',
    '../_base_/default_runtime.py',
]

train_dataloader = dict(batch_size=32)
optim_wrapper = dict(optimizer=dict(lr=1e-4))
train_cfg = dict(total_batch_size=256)
