"""Train on Kinetics-400, test zero-shot on three lists of three sets (EP1).

Sampling, augmentation and lists of ViFi-CLIP: 32 frames, one of each part of
the video; tests see the centres of the parts, one clip, one crop.
train_dataloader.batch_size is the micro-batch of a GPU, within which mixup
blends; the batch of an update is train_cfg.total_batch_size. Options:
--cfg-options data_root=/data (or the variable MMOVAR_DATA), names=llm (names
rephrased by a language model), names=None (UCF101's in words, not as its
folders spell them).
"""

data_root = None
store = None
names = 'folders'

train_pipeline = [
    dict(type='VideoInit'),
    dict(type='SegmentSample', num_frames=32),
    dict(type='VideoDecode'),
    dict(type='Resize', scale=(-1, 256)),
    dict(type='MultiScaleCrop', input_size=224, scales=(1, 0.875, 0.75, 0.66)),
    dict(type='Resize', scale=(224, 224), keep_ratio=False),
    dict(type='Flip', flip_ratio=0.5),
    dict(type='FrameColorJitter'),
    dict(type='RandomGray'),
    dict(type='FormatShape', input_format='NCTHW'),
    dict(type='PackActionInputs', meta_keys=('img_shape', 'filename')),
]
test_pipeline = [
    dict(type='VideoInit'),
    dict(type='SegmentSample', num_frames=32, test_mode=True),
    dict(type='VideoDecode'),
    dict(type='Resize', scale=(-1, 256)),
    dict(type='CenterCrop', crop_size=224),
    dict(type='FormatShape', input_format='NCTHW'),
    dict(type='PackActionInputs', meta_keys=('img_shape', 'filename')),
]

__data = dict(
    type='OpenVocabularyDataset',
    data_root='{data_root}',
    names='{names}',
    store='{store}',
)
train_dataloader = dict(
    batch_size=4,
    num_workers=8,
    persistent_workers=True,
    drop_last=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(__data, source='k400_train', pipeline=train_pipeline),
)
test_dataloader = dict(
    batch_size=4,
    num_workers=8,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(__data, pipeline=test_pipeline, test_mode=True),
)
val_dataloader = dict(
    test_dataloader,
    persistent_workers=True,
    dataset=dict(test_dataloader['dataset'], source='k400_val'),
)
test_cfg = dict(
    type='BenchmarkTestLoop',
    sets=[
        *('hmdb51_val1', 'hmdb51_val2', 'hmdb51_val3'),
        *('ucf101_val1', 'ucf101_val2', 'ucf101_val3'),
        *('k600_split1', 'k600_split2', 'k600_split3'),
    ],
)

val_evaluator = dict(type='OpenVocabularyMetric')
test_evaluator = dict(type='OpenVocabularyMetric')
