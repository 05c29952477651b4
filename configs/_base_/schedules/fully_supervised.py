# ViFi-CLIP and TC-CLIP, fully supervised: 30 epochs of which 5 warm up, 512
# videos an update.
_base_ = './zero_shot.py'

train_cfg = dict(max_epochs=30, total_batch_size=512)
optim_wrapper = dict(optimizer=dict(lr=2.2e-5))
