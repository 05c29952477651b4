"""Test sets over the same small videos, for tests of what they share."""

from mmengine.config import Config

from mmovar.apis import build_runner

from . import toy_run  # noqa: F401  (registers the toys)
from .clips import truncate, write_video
from .tiny_clip import (
    NAMES,
    TEMPLATES,
    tiny_arch,
    write_weights,
    write_words,
)

OTHERS = ('the ball', 'open box', 'push the clip')
LABELS = (0, 1, 2, 0, 1, 2, 1)
BROKEN = 4


def write_data(root):
    """Write weights and seven videos, one broken, with two lists."""
    write_weights(root / 'clip.pt')
    for i in range(len(LABELS)):
        path = write_video(
            root / 'videos' / f'{i}.mp4', size=(40, 32), gray=30 * i + 20
        )
        if i == BROKEN:
            truncate(path)
    lines = [f'{i}.mp4 {label}' for i, label in enumerate(LABELS)]
    (root / 'all.txt').write_text('\n'.join(lines))
    # another order, other labels, and not all of them
    (root / 'some.txt').write_text(
        '\n'.join(f'{i}.mp4 {(LABELS[i] + 1) % 3}' for i in (6, 4, 0, 3))
    )


def pipeline(clip_len=2):
    """Two clips of a video."""
    return [
        dict(type='VideoInit'),
        dict(
            type='SampleFrames',
            clip_len=clip_len,
            num_clips=2,
            test_mode=True,
        ),
        dict(type='VideoDecode'),
        dict(type='Resize', scale=(32, 32), keep_ratio=False),
        dict(type='FormatShape', input_format='NCTHW'),
        dict(type='PackActionInputs', meta_keys=('img_shape', 'filename')),
    ]


def loader(root):
    """What all sets share."""
    return dict(
        batch_size=3,
        num_workers=0,
        sampler=dict(type='DefaultSampler', shuffle=False),
        dataset=dict(
            type='OpenVocabularyDataset',
            data_root=str(root),
            ann_file='all.txt',
            data_prefix=dict(video='videos'),
            classnames=list(NAMES),
            pipeline=pipeline(),
            test_mode=True,
        ),
    )


SETS = dict(
    first=dict(),
    names=dict(classnames=list(OTHERS)),
    alone=dict(pipeline=pipeline(clip_len=3)),
    some=dict(ann_file='some.txt'),
    again=dict(classnames=list(NAMES[::-1])),
)
"""Five sets: one alone in its pipeline, four that share videos."""


def run(root, sets, launcher='none', model=None, hooks=(), **loop):
    """Test with a tiny CLIP; return the runner and the metrics."""
    recognizer = dict(
        type='CLIPRecognizer',
        arch=tiny_arch(),
        weights=str(root / 'clip.pt'),
        backbone=dict(type='VCLIPViT'),
        cls_head=dict(
            type='TextHead',
            templates=list(TEMPLATES),
            tokenizer=write_words(root / 'words.txt'),
        ),
    )
    recognizer.update(model or {})
    config = Config(
        dict(
            model=recognizer,
            work_dir=str(root / 'work'),
            default_scope='mmaction',
            test_dataloader=loader(root),
            test_evaluator=dict(type='OpenVocabularyMetric'),
            test_cfg=dict(type='BenchmarkTestLoop', sets=sets, **loop),
            custom_hooks=[
                dict(type='VocabularyHook'),
                dict(type='UnreadableVideoHook', max_share=0.5),
                *hooks,
            ],
            log_level='ERROR',
        )
    )
    runner = build_runner(config, launcher)
    return runner, runner.test()
