# ViFi-CLIP from 150 videos of each class of Kinetics-400.
_base_ = './k400_zs.py'
train_dataloader = dict(dataset=_base_.catalog.k400_tiny)
test_cells = ['k400/tiny']
