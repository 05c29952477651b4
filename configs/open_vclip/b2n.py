# Open-VCLIP, base-to-novel on K400, HMDB51, UCF101 or SSv2: 16 videos of each
# base class, of draw 1, 2 or 3. The paper has no such table; the 12 epochs are
# those that FROSTER compares it with.
#   --cfg-options dataset=ssv2 draw=2
_base_ = [
    '../_base_/models/vclip.py',
    '../_base_/datasets/k400_zs.py',
    '../_base_/schedules/adamw_12e.py',
    '../_base_/default_runtime.py',
]

train_cfg = dict(total_batch_size=64)
custom_hooks = [
    *_base_.custom_hooks,
    dict(type='IWRHook', max_alpha=0.6, loss_weight=0.5),
    dict(type='SWAHook', begin=2),
    dict(type='WeightPatchHook', open_vclip_ratio=0.5),
]

dataset = 'ucf101'
draw = 1
train_dataloader = dict(
    dataset=dict(source='{dataset}_base_fs', draw='{draw}')
)
val_dataloader = dict(dataset=dict(source='{dataset}_base'))
test_cfg = dict(sets=['{dataset}_base', '{dataset}_novel'])
