# Chosen by tools/mini_search.py.
_base_ = '../mini.py'

train_cfg = dict(max_epochs=14)
param_scheduler = [
    _base_.param_scheduler[0],
    dict(_base_.param_scheduler[1], end=14),
]
meta_loop = dict(max_epochs=14)
gwa = dict(mu=0.8, sigma=0.2)
optim_wrapper = dict(
    optimizer=dict(lr=0.0007), delta=1.0, inner_step='adamw', inner_lr=None
)
