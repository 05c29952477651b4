# ViFi-CLIP, few-shot on HMDB51, UCF101 or SSv2, 2, 4, 8 or 16 videos a class:
#   --cfg-options dataset=ucf101 shots=4
# Weights to start from: load_from=work_dirs/vifi_clip/k400_zs/epoch_10.pth
_base_ = [
    '../_base_/models/vifi_clip.py',
    '../_base_/datasets/vifi_clip.py',
    '../_base_/schedules/few_shot.py',
    '../_base_/best_checkpoint.py',
]

dataset = 'hmdb51'
shots = 16
train_dataloader = dict(dataset=dict(source='{dataset}_fs', shots='{shots}'))
val_dataloader = dict(dataset=dict(source='{dataset}_val1'))
test_cfg = dict(sets=['{dataset}_val1'])
