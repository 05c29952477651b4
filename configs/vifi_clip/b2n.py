# ViFi-CLIP, base-to-novel on K400, HMDB51, UCF101 or SSv2: 16 videos of each
# base class, of draw 1, 2 or 3. Each test set has class names of its own.
#   --cfg-options dataset=ucf101 draw=2
# Weights to start from: load_from=work_dirs/vifi_clip/k400_zs/epoch_10.pth
_base_ = [
    '../_base_/models/vifi_clip.py',
    '../_base_/datasets/vifi_clip.py',
    '../_base_/schedules/vifi_clip_b2n.py',
    '../_base_/default_runtime.py',
]

dataset = 'hmdb51'
draw = 1
train_dataloader = dict(
    dataset=dict(source='{dataset}_base_fs', draw='{draw}')
)
val_dataloader = dict(dataset=dict(source='{dataset}_base'))
test_cfg = dict(sets=['{dataset}_base', '{dataset}_novel'])
