# ViFi-CLIP, base-to-novel: 11 epochs of which 5 warm up, 64 videos an update;
# validated and reported at the end.
_base_ = './zero_shot.py'

train_cfg = dict(max_epochs=11, val_interval=11, total_batch_size=64)
optim_wrapper = dict(optimizer=dict(lr=2e-6))
