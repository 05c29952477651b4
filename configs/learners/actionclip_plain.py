# ActionCLIP, for 8 GPUs: 8 frames, 50 epochs. Trained by cross entropy over
# the class names, not by the authors' divergence in a batch.
_base_ = [
    '../_base_/models/actionclip.py',
    '../_base_/datasets/actionclip.py',
    '../_base_/schedules/actionclip_50e.py',
    '../_base_/default_runtime.py',
]

train_dataloader = dict(batch_size=16)
train_cfg = dict(total_batch_size=128)
