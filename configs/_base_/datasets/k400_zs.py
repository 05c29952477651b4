"""Train on Kinetics-400, test zero-shot on UCF101 and HMDB51 (EP2).

As Open-VCLIP: 8 frames with stride 16 at 30 frames a second, no colour
jitter; tests with 3 clips (start, middle, end) and a centre crop of the short
side 224. A clip that is longer than its video repeats the video's last frame.
Batch size is what a GPU reads at once. Options: --cfg-options data_root=/data
(or the variable MMOVAR_DATA), names=llm (names rephrased by a language model).
"""

data_root = None
store = None
names = None

train_pipeline = [
    dict(type='VideoInit'),
    dict(type='DenseClipSample', clip_len=8, frame_interval=16),
    dict(type='VideoDecode'),
    dict(type='RandomRescale', scale_range=(224, 256)),
    dict(type='RandomCrop', size=224),
    dict(type='Flip', flip_ratio=0.5),
    dict(type='FormatShape', input_format='NCTHW'),
    dict(type='PackActionInputs', meta_keys=('img_shape', 'filename')),
]
val_pipeline = [
    dict(type='VideoInit'),
    dict(
        type='DenseClipSample', clip_len=8, frame_interval=16, test_mode=True
    ),
    dict(type='VideoDecode'),
    dict(type='Resize', scale=(-1, 224)),
    dict(type='CenterCrop', crop_size=224),
    dict(type='FormatShape', input_format='NCTHW'),
    dict(type='PackActionInputs', meta_keys=('img_shape', 'filename')),
]
test_pipeline = [
    val_pipeline[0],
    dict(val_pipeline[1], num_clips=3),
    *val_pipeline[2:],
]

__data = dict(
    type='OpenVocabularyDataset',
    data_root='{data_root}',
    names='{names}',
    store='{store}',
)
train_dataloader = dict(
    batch_size=8,
    num_workers=8,
    persistent_workers=True,
    drop_last=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(__data, source='k400_train', pipeline=train_pipeline),
)
val_dataloader = dict(
    batch_size=16,
    num_workers=8,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        __data, source='k400_val', pipeline=val_pipeline, test_mode=True
    ),
)
test_dataloader = dict(
    batch_size=8,
    num_workers=8,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(__data, pipeline=test_pipeline, test_mode=True),
)
test_cfg = dict(type='BenchmarkTestLoop', sets=['ucf101', 'hmdb51'])

val_evaluator = dict(type='OpenVocabularyMetric')
test_evaluator = dict(type='OpenVocabularyMetric')
