# Chosen by tools/mini_search.py.
meta_step = dict(
    type='CrossBatchMetaOptimWrapper',
    delta=1.0,
    inner_step='adamw',
    inner_lr=None,
)
gwa = dict(type='GWAHook', mu=0.8, sigma=0.2)
