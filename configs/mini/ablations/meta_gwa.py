# Open-MeDe on one process, which handles both tasks.
_base_ = '../open_mede.py'

train_dataloader = dict(batch_size=32)
train_cfg = dict(num_tasks=2)
