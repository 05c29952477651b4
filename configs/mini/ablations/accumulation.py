# Gradients accumulated over two batches of half the size.
_base_ = '../vclip.py'

train_dataloader = dict(batch_size=8)
