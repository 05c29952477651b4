# ViFi-CLIP's bridge and prompt, few-shot: prompts in both towers, which were
# tuned on Kinetics-400 and stay. Options are those of fs.py; other weights, or
# those of CLIP, are load_from=/path/to/them.pth (or None).
_base_ = [
    '../_base_/models/vifi_vl_prompt.py',
    '../_base_/datasets/vifi_clip.py',
    '../_base_/schedules/few_shot.py',
    '../_base_/best_checkpoint.py',
]

load_from = 'work_dirs/vifi_clip/k400_zs/epoch_10.pth'
optim_wrapper = dict(optimizer=dict(lr=8e-3), paramwise_cfg=None)
dataset = 'hmdb51'
shots = 16
train_dataloader = dict(dataset=dict(source='{dataset}_fs', shots='{shots}'))
val_dataloader = dict(dataset=dict(source='{dataset}_val1'))
test_cfg = dict(sets=['{dataset}_val1'])
