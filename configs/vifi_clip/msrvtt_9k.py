# ViFi-CLIP, retrieval on MSR-VTT with 16 frames: a test, of a checkpoint or of
# CLIP. How the paper tuned on the 9,000 training videos is not known. Captions
# are taken as they are, and scores that compare between videos.
_base_ = [
    '../_base_/models/vifi_clip.py',
    '../_base_/datasets/tc_clip.py',
    '../_base_/default_runtime.py',
]

test_pipeline = _base_.test_pipeline
test_pipeline[1] = dict(test_pipeline[1], num_clips=1)

test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
train_dataloader = None
val_dataloader = None
val_evaluator = None
model = dict(cls_head=dict(templates='bare', average_clips='score'))
test_cfg = dict(cells=['msrvtt/1k'])
test_evaluator = dict(type='CaptionRetrievalMetric')
