_base_ = '../../mini/vifi_both.py'

optim_wrapper = dict(optimizer=dict(lr=1e-2))
