# Table 5d: support and query batch of disjoint classes. Whether the paper
# averages weights in this row is not known; here it does not.
_base_ = './meta.py'

train_dataloader = dict(
    drop_last=False,
    batch_sampler=dict(type='DisjointClassBatchSampler'),
)
