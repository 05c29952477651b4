"""The embedded benchmark; tools/data/prepare_mini.py writes its files.

Clips have 16 frames of 32 x 32 pixels; every second one is seen. In context
(ic) a clip shows the scene its class has in training, out of context (ooc)
another one. The shuffled sets are a control: the same videos without the
order of their frames. Training sees 960 videos an epoch in all.
"""

_base_ = '../catalog.py'

mini = dict(
    weights=_base_.data_root + '/mini/clip/seed0.pt',
    words=_base_.data_root + '/mini/clip/words.txt',
)

sampling = dict(type='SampleFrames', clip_len=8, frame_interval=2)
resize = dict(type='Resize', scale=(32, 32), keep_ratio=False)
train_pipeline = [
    dict(type='DecordInit'),
    sampling,
    dict(type='DecordDecode'),
    resize,
    dict(type='RandomShift', pixels=2),
    dict(type='FormatShape', input_format='NCTHW'),
    dict(type='PackActionInputs', meta_keys=('img_shape', 'filename')),
]
test_pipeline = [
    dict(type='DecordInit'),
    dict(sampling, num_clips=1, test_mode=True),
    dict(type='DecordDecode'),
    resize,
    dict(type='FormatShape', input_format='NCTHW'),
    dict(type='PackActionInputs', meta_keys=('img_shape', 'filename')),
]
shuffled_pipeline = [
    *test_pipeline[:4],
    dict(type='ShuffleFrames'),
    *test_pipeline[4:],
]

train_dataloader = dict(
    batch_size=32,
    num_workers=1,
    persistent_workers=True,
    drop_last=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        type='OpenVocabularyDataset',
        data_root=_base_.data_root,
        ann_file='mini/annotations/known_train.txt',
        data_prefix=dict(video='mini/videos'),
        classnames='mini/known.txt',
        pipeline=train_pipeline,
    ),
)
test_dataloader = [
    dict(
        name=name,
        batch_size=60,
        num_workers=1,
        sampler=dict(type='DefaultSampler', shuffle=False),
        dataset=dict(
            type='OpenVocabularyDataset',
            data_root=_base_.data_root,
            ann_file='mini/annotations/{}_{}.txt'.format(*name.split('_')),
            data_prefix=dict(video='mini/videos'),
            classnames='mini/{}.txt'.format(name.split('_')[0]),
            pipeline=(
                shuffled_pipeline if 'shuffled' in name else test_pipeline
            ),
            test_mode=True,
        ),
    )
    for name in (
        'known_ic',
        'known_ooc',
        'novel_ic',
        'novel_ooc',
        'known_ic_shuffled',
        'novel_ic_shuffled',
    )
]
test_evaluator = dict(
    type='OpenVocabularyMetric', parts=dict(object=0, motion=1)
)
