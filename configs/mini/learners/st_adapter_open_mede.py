# As st_adapter_plain.py with Open-MeDe's step and average.
_base_ = './st_adapter_plain.py'

train_dataloader = dict(batch_size=8)
train_cfg = _base_.meta_loop
optim_wrapper = _base_.meta_step
custom_hooks = [*_base_.custom_hooks, _base_.gwa]
