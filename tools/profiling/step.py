"""Time a training step and its parts, on synthetic videos.

python tools/profiling/step.py [CONFIG ...] [--batch-size 2] [--ratios meta]

Prints for each config milliseconds and peak memory (weights, gradients and
optimizer included) per training sample, then ratios of one run (ViT-B/16, 8
frames, batch 2, fp32, one process). The towers have random weights; a step
takes as long with CLIP's.
"""

import argparse
import gc
import logging

import torch
from measure import interleave, peak_memory
from mmengine.registry import init_default_scope
from ratios import OPEN_MEDE, RATIOS, VCLIP
from steps import training_step
from video_text import VIDEO_TEXT_RATIOS

from mmovar.apis import load_config
from mmovar.command_line import ArgumentParser, run

ALL_RATIOS = {**RATIOS, **VIDEO_TEXT_RATIOS}


def print_config(path: str, args: argparse.Namespace) -> None:
    """Print time and memory of a config."""
    step, videos = training_step(load_config(path, args.cfg_options), args)
    ((*times,),) = interleave(args.repeats, step)
    memory = peak_memory(step)
    print(
        f'{path}: {1000 * min(times) / videos:.0f} ms and '
        f'{memory / videos:.0f} MiB a sample ({videos} videos a step, '
        f'peak {memory} MiB)',
        flush=True,
    )
    gc.collect()


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    from mmovar.apis.option_values import DictAction

    parser = ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('configs', nargs='*', default=[VCLIP, OPEN_MEDE])
    parser.add_argument('--batch-size', type=int, default=2)
    parser.add_argument('--num-frames', type=int, default=8)
    parser.add_argument('--repeats', type=int, default=3)
    parser.add_argument(
        '--ratios', nargs='*', choices=ALL_RATIOS, default=list(RATIOS)
    )
    parser.add_argument('--cfg-options', nargs='+', action=DictAction)
    return parser.parse_args()


def main() -> None:
    """Measure and print."""
    args = parse_args()
    init_default_scope('mmaction')
    logging.disable(logging.WARNING)
    print(f'{torch.get_num_threads()} threads, torch {torch.__version__}')
    for path in args.configs:
        print_config(path, args)
    for name in args.ratios:
        measure = ALL_RATIOS[name]
        print(f'{measure.__doc__[:-1]}: {measure(args)}', flush=True)
        gc.collect()


if __name__ == '__main__':
    run(main)
