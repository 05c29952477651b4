# Table 11: tasks of 4 + 4 videos; tasks are GPUs (4x4: 4 of them). Its rows
# 2x8, 4x8 and 8x8 are k400_zs.py on 2, 4 and 8 GPUs.
_base_ = '../k400_zs.py'

train_dataloader = dict(batch_size=8)
