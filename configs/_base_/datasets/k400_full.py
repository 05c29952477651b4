"""Train and test on Kinetics-400: 16 frames, 4 clips x 3 crops at test.

The clips are spread evenly; ViFi-CLIP and TC-CLIP draw them, see tc_clip.py.
"""

_base_ = './tc_clip.py'

test_pipeline = [
    _base_.test_pipeline[0],
    dict(_base_.test_pipeline[1], num_clips=4),
    _base_.test_pipeline[2],
    dict(type='Resize', scale=(-1, 224)),
    dict(type='ThreeCrop', crop_size=224),
    *_base_.test_pipeline[5:],
]
test_dataloader = dict(batch_size=1, dataset=dict(pipeline=test_pipeline))
test_cfg = dict(sets=['k400_val'])
