"""Train a recognizer.

python tools/train.py CONFIG [--work-dir DIR] [--resume [CHECKPOINT]]
bash tools/dist_train.sh CONFIG NPROC [the same options]
"""

import argparse

from mmengine.config import DictAction
from mmengine.runner import find_latest_checkpoint

import mmovar  # noqa: F401  (repairs the host before anything is built)
from mmovar.apis import (
    build_runner,
    close,
    enable_amp,
    load_config,
    set_work_dir,
)
from mmovar.apis.launch import LAUNCHERS


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description='Train a recognizer.')
    parser.add_argument('config', help='config file')
    parser.add_argument('--work-dir', help='folder for logs and checkpoints')
    parser.add_argument(
        '--resume',
        nargs='?',
        const='auto',
        metavar='CHECKPOINT',
        help='go on from this checkpoint, or from the latest one of the '
        'work dir (which may be empty) when none is named',
    )
    parser.add_argument(
        '--amp',
        nargs='?',
        const='float16',
        choices=('float16', 'bfloat16'),
        help='mixed precision (default when given: float16)',
    )
    parser.add_argument(
        '--no-validate', action='store_true', help='never validate'
    )
    parser.add_argument('--seed', type=int, help='replaces randomness.seed')
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=DictAction,
        metavar='KEY=VALUE',
        help='override settings: data_root=/data '
        'train_dataloader.batch_size=8 model.cls_head.templates="[a {}]"',
    )
    parser.add_argument('--launcher', choices=LAUNCHERS, default='none')
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    """Train as the command line says."""
    args = parse_args(argv)
    config = load_config(args.config, args.cfg_options)
    set_work_dir(config, args.work_dir, args.config)
    if args.amp:
        enable_amp(config, args.amp)
    if args.no_validate:
        config.val_cfg = config.val_dataloader = config.val_evaluator = None
    if args.seed is not None:
        config.merge_from_dict({'randomness.seed': args.seed})
    checkpoint = args.resume
    if checkpoint == 'auto':
        checkpoint = find_latest_checkpoint(config.work_dir)
    if checkpoint:  # else load_from, where a first stage ended, still holds
        config.resume, config.load_from = True, checkpoint
    build_runner(config, args.launcher).train()
    close()


if __name__ == '__main__':
    main()
