"""The embedded benchmark; tools/data/prepare_mini.py writes its files.

Clips have 16 frames of 32 x 32 pixels; every second one is seen. In context
(ic) a clip shows the scene its class has in training, out of context (ooc)
another one. The shuffled sets are a control: the same videos without the
order of their frames. Training sees 936 videos an epoch in all.
"""

draw = 0  # the seed of the videos; that of CLIP is in model.weights

# data_root moves the data sets alone; CLIP and its words lie below the
# environment variable MMOVAR_DATA, else below ./data.
data_root = None
store = None
__clip = """{{$MMOVAR_DATA:data}}""" + '/mini/clip'  # any folder name
mini = dict(weights=__clip + '/seed0.pt', words=__clip + '/words.txt')

sampling = dict(type='SampleFrames', clip_len=8, frame_interval=2)
resize = dict(type='Resize', scale=(32, 32), keep_ratio=False)
train_pipeline = [
    dict(type='VideoInit'),
    sampling,
    dict(type='VideoDecode'),
    resize,
    dict(type='RandomShift', pixels=2),
    dict(type='FormatShape', input_format='NCTHW'),
    dict(type='PackActionInputs', meta_keys=('img_shape', 'filename')),
]
test_pipeline = [
    dict(type='VideoInit'),
    dict(sampling, num_clips=1, test_mode=True),
    dict(type='VideoDecode'),
    resize,
    dict(type='FormatShape', input_format='NCTHW'),
    dict(type='PackActionInputs', meta_keys=('img_shape', 'filename')),
]
shuffled_pipeline = [
    *test_pipeline[:4],
    dict(type='ShuffleFrames'),
    *test_pipeline[4:],
]

__data = dict(
    type='OpenVocabularyDataset',
    data_root='{data_root}',
    store='{store}',
    draw='{draw}',
)
train_dataloader = dict(
    batch_size=16,
    num_workers=1,
    persistent_workers=True,
    drop_last=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(__data, source='mini_known_train', pipeline=train_pipeline),
)
test_dataloader = dict(
    batch_size=60,
    num_workers=1,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(__data, pipeline=test_pipeline, test_mode=True),
)
test_cfg = dict(
    type='BenchmarkTestLoop',
    sets=dict(
        known_ic=dict(source='mini_known_ic'),
        known_ooc=dict(source='mini_known_ooc'),
        novel_ic=dict(source='mini_novel_ic'),
        novel_ooc=dict(source='mini_novel_ooc'),
        known_ic_shuffled=dict(
            source='mini_known_ic', pipeline=shuffled_pipeline
        ),
        novel_ic_shuffled=dict(
            source='mini_novel_ic', pipeline=shuffled_pipeline
        ),
    ),
)
test_evaluator = dict(
    type='OpenVocabularyMetric', parts=dict(object=0, motion=1)
)
