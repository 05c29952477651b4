# Table 10: plain fine-tuning in the order of the classes.
_base_ = './plain.py'

train_dataloader = dict(
    sampler=dict(shuffle=False), dataset=dict(order='class')
)
