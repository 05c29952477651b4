# ViFi-CLIP and TC-CLIP, few-shot: 50 epochs of which 5 warm up, 64 videos an
# update.
_base_ = './zero_shot.py'

train_cfg = dict(max_epochs=50, val_interval=10, total_batch_size=64)
optim_wrapper = dict(optimizer=dict(lr=2e-6))
