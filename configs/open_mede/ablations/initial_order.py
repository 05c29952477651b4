# Table 10: batches in the order of the annotation list.
_base_ = '../k400_zs.py'

train_dataloader = dict(sampler=dict(shuffle=False))
