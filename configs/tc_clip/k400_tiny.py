# TC-CLIP from 150 videos of each class of Kinetics-400.
_base_ = './k400_zs.py'
train_dataloader = dict(dataset=dict(source='k400_tiny'))
test_cfg = dict(cells=['k400/tiny'])
