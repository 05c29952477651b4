# TC-CLIP, base-to-novel: 12 epochs of which 2 warm up, 64 videos an update.
_base_ = './zero_shot.py'

train_cfg = dict(max_epochs=12, total_batch_size=64)
optim_wrapper = dict(optimizer=dict(lr=3.33e-6))
param_scheduler = [dict(_base_.param_scheduler[0], warmup=2)]
