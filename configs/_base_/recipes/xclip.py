# Chosen by tools/mini_search.py.
_base_ = '../mini_temporal.py'

train_cfg = dict(max_epochs=14)
param_scheduler = [
    _base_.param_scheduler[0],
    dict(_base_.param_scheduler[1], end=14),
]
optim_wrapper = dict(optimizer=dict(lr=0.0005))
