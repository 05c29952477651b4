# Table 11: tasks of 16 + 16 videos; tasks are GPUs (4x16: 4 of them).
_base_ = '../k400_zs.py'

train_dataloader = dict(batch_size=32)
