# Open-VCLIP, fully supervised on Kinetics-400: 8 frames, 4 clips x 3 crops.
_base_ = './k400_zs.py'

test_pipeline = [
    _base_.test_pipeline[0],
    dict(_base_.test_pipeline[1], num_clips=4),
    *_base_.test_pipeline[2:4],
    dict(type='ThreeCrop', crop_size=224),
    *_base_.test_pipeline[5:],
]
test_dataloader = dict(batch_size=1, dataset=dict(pipeline=test_pipeline))
test_cfg = dict(sets=['k400_val'])
