# ViFi-CLIP's bridge and prompt, base-to-novel: prompts in both towers, which
# were tuned on Kinetics-400 and stay. Options are those of b2n.py; other
# weights, or those of CLIP, are load_from=/path/to/them.pth (or None).
_base_ = [
    '../_base_/models/vifi_vl_prompt_b2n.py',
    '../_base_/datasets/vifi_clip.py',
    '../_base_/schedules/vifi_clip_b2n.py',
    '../_base_/default_runtime.py',
]

load_from = 'work_dirs/vifi_clip/k400_zs/epoch_10.pth'
optim_wrapper = dict(optimizer=dict(lr=4e-2), paramwise_cfg=None)
dataset = 'hmdb51'
draw = 1
train_dataloader = dict(
    dataset=dict(source='{dataset}_base_fs', draw='{draw}')
)
val_dataloader = dict(dataset=dict(source='{dataset}_base'))
test_cfg = dict(sets=['{dataset}_base', '{dataset}_novel'])
