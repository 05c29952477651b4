# Chosen by tools/mini_search.py.
_base_ = '../../mini/vifi_both.py'

train_cfg = dict(max_epochs=10)
param_scheduler = [
    _base_.param_scheduler[0],
    dict(_base_.param_scheduler[1], end=10),
]
optim_wrapper = dict(optimizer=dict(lr=0.0003))
