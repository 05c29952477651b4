"""Time test sets over the same videos against one of them.

python tools/profiling/cells.py [--sets 4] [--videos 16] [--layers 4]

Renders videos, tests one set with a CLIP of random weights, then several sets
that differ in class names, and prints the ratio of the CPU times of one run.
Videos are 224 x 224 pixels, 8 frames, 3 clips; the vision tower has the width
of ViT-B/16, the text tower and the number of classes are small, because with
thousands of videos encoding them is what takes time. A set also costs a
constant of about 0.4 s (MMEngine builds its dataset): with few videos and few
layers it counts.
"""

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.config import Config

import mmovar  # noqa: F401
from mmovar.apis import build_runner
from mmovar.command_line import ArgumentParser, run
from mmovar.datasets.io.video_file import write_video

CLASSES = 20


def main() -> None:
    """Measure and print."""
    args = parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_videos(root, args.videos)
        test(root, 1, layers=1)  # what is imported and allocated once
        one, many = (
            test(root, count, args.layers) for count in (1, args.sets)
        )
    print(
        f'{args.videos} videos: one set {one:.1f} s, {args.sets} sets '
        f'{many:.1f} s, ratio {many / one:.3f}'
    )


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--sets', type=int, default=4)
    parser.add_argument('--videos', type=int, default=16)
    parser.add_argument('--layers', type=int, default=4, help='of vision')
    return parser.parse_args()


def write_videos(root: Path, count: int) -> None:
    """Render noise, and list it."""
    rng = np.random.default_rng(0)
    (root / 'videos').mkdir()
    for i in range(count):
        coarse = rng.integers(0, 256, (32, 28, 40, 3), dtype=np.uint8)
        frames = coarse.repeat(8, axis=1).repeat(8, axis=2)
        write_video(root / 'videos' / f'{i}.mp4', frames)
    lines = [f'{i}.mp4 {i % CLASSES}\n' for i in range(count)]
    (root / 'list.txt').write_text(''.join(lines))


def test(root: Path, count: int, layers: int) -> float:
    """Test sets over the same videos; return seconds of CPU."""
    sets = {
        f'set{k}': dict(
            classnames=[f'class {k * CLASSES + i}' for i in range(CLASSES)]
        )
        for k in range(count)
    }
    config = Config(
        dict(
            model=model(layers),
            work_dir=str(root / 'work'),
            default_scope='mmaction',
            test_dataloader=loader(root),
            test_evaluator=dict(type='OpenVocabularyMetric'),
            test_cfg=dict(type='BenchmarkTestLoop', sets=sets),
            custom_hooks=[dict(type='VocabularyHook')],
            log_level='ERROR',
        )
    )
    runner = build_runner(config)
    start = time.process_time()
    metrics = runner.test()
    seconds = time.process_time() - start
    if len([m for m in metrics if m.endswith('acc/top1')]) != count:
        raise RuntimeError(f'expected {count} sets, got {sorted(metrics)}')
    return seconds


def model(layers: int) -> dict[str, Any]:
    """Return a recognizer whose vision tower is as wide as ViT-B/16."""
    vision = dict(
        image_size=224, patch_size=16, width=768, head_width=64, layers=layers
    )
    text = dict(context_length=77, width=64, heads=2, layers=2)
    arch = dict(embed_dim=512, vision_cfg=vision, text_cfg=text)
    return dict(
        type='CLIPRecognizer',
        arch=arch,
        weights=None,
        backbone=dict(type='CLIPViT'),
        cls_head=dict(type='TextHead', templates='bare'),
    )


def loader(root: Path) -> dict[str, Any]:
    """Return what the test sets share."""
    pipeline = [
        dict(type='VideoInit'),
        dict(type='UniformSample', clip_len=8, num_clips=3, test_mode=True),
        dict(type='VideoDecode'),
        dict(type='Resize', scale=(-1, 224)),
        dict(type='CenterCrop', crop_size=224),
        dict(type='FormatShape', input_format='NCTHW'),
        dict(type='PackActionInputs', meta_keys=('img_shape', 'filename')),
    ]
    return dict(
        batch_size=4,
        num_workers=0,
        sampler=dict(type='DefaultSampler', shuffle=False),
        dataset=dict(
            type='OpenVocabularyDataset',
            data_root=str(root),
            ann_file='list.txt',
            data_prefix=dict(video='videos'),
            pipeline=pipeline,
            test_mode=True,
        ),
    )


if __name__ == '__main__':
    run(main)
