# Support and query batch of disjoint classes.
_base_ = './meta.py'

train_dataloader = dict(
    drop_last=False,
    batch_sampler=dict(type='DisjointClassBatchSampler'),
)
