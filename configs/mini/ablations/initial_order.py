# Table 10: batches in the order of the classes.
_base_ = '../open_mede.py'

train_dataloader = dict(
    sampler=dict(shuffle=False), dataset=dict(order='class')
)
