# Open-VCLIP's schedule with 10 epochs of cosine, as Open-MeDe and FROSTER go
# from base to novel classes.
_base_ = './adamw_22e.py'

train_cfg = dict(max_epochs=12)
param_scheduler = [
    _base_.param_scheduler[0],
    dict(_base_.param_scheduler[1], end=12),
]
