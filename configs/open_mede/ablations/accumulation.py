# Table 9: gradients accumulated over two batches.
_base_ = './plain.py'

optim_wrapper = dict(accumulative_counts=2)
