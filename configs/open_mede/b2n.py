# Open-MeDe, base-to-novel on K400, HMDB51, UCF101 or SSv2: 16 videos of each
# base class, of draw 1, 2 or 3. The paper gives the 12 epochs.
#   --cfg-options dataset=ssv2 draw=2
_base_ = [
    '../_base_/models/vclip.py',
    '../_base_/datasets/open_mede.py',
    '../_base_/schedules/adamw_12e.py',
    '../_base_/default_runtime.py',
]

model = dict(type='CLIPEnsemble', ratio=0.5)
train_cfg = dict(type='CrossBatchTrainLoop')
optim_wrapper = dict(type='CrossBatchMetaOptimWrapper')
custom_hooks = [*_base_.custom_hooks, dict(type='GWAHook')]

dataset = 'ucf101'
draw = 1
train_dataloader = dict(
    batch_size=16,
    dataset=dict(source='{dataset}_base_fs', draw='{draw}'),
)
val_dataloader = dict(dataset=dict(source='{dataset}_base'))
test_cfg = dict(sets=['{dataset}_base', '{dataset}_novel'])
