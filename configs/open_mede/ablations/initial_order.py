# Table 10: batches in the order of the classes, as Open-VCLIP's list has them.
_base_ = '../k400_zs.py'

train_dataloader = dict(
    sampler=dict(shuffle=False), dataset=dict(order='class')
)
