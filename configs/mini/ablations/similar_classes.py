# Table 10: query videos of the classes nearest to those of the support batch.
_base_ = '../open_mede.py'

train_dataloader = dict(
    drop_last=False,
    batch_sampler=dict(type='SimilarClassBatchSampler'),
)
custom_hooks = [
    *_base_.custom_hooks,
    dict(type='ClassSimilarityHook'),
]
