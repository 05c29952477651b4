"""Train a recognizer.

python tools/train.py CONFIG [--work-dir DIR] [--resume [CHECKPOINT]]
bash tools/dist_train.sh CONFIG NPROC [the same options]
"""

import argparse
import os

from mmengine.config import Config

import mmovar  # noqa: F401  (repairs the host before anything is built)
from mmovar.apis import (
    add_trackers,
    build_runner,
    close,
    load_config,
    set_work_dir,
)
from mmovar.apis.config import TRACKERS
from mmovar.apis.config_options import check_kept
from mmovar.apis.launch import LAUNCHERS, lock_work_dir
from mmovar.apis.loading import add_loading_options, use_loading_options
from mmovar.apis.option_values import DictAction
from mmovar.apis.precision import add_amp_options, enable_amp, half_of
from mmovar.command_line import ArgumentParser, run
from mmovar.datasets.io.in_hand import naming_killed_workers
from mmovar.engine import was_trained


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = ArgumentParser(description='Train a recognizer.')
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
    add_amp_options(parser)
    parser.add_argument(
        '--no-validate', action='store_true', help='never validate'
    )
    parser.add_argument(
        '--auto-scale-lr',
        action='store_true',
        help='not supported: the error names what replaces it',
    )
    parser.add_argument('--seed', type=int, help='replaces randomness.seed')
    parser.add_argument(
        '--diff-rank-seed',
        action='store_true',
        help='add the rank to the seed of each process',
    )
    parser.add_argument(
        '--deterministic',
        action='store_true',
        help='let PyTorch refuse operations that differ from run to run',
    )
    parser.add_argument(
        '--trackers',
        nargs='+',
        choices=sorted(TRACKERS),
        metavar='NAME',
        help=f'also log to: {", ".join(TRACKERS)}',
    )
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=DictAction,
        metavar='KEY=VALUE',
        help='override settings: data_root=/data '
        'train_dataloader.batch_size=8 model.cls_head.templates="[a {}]"',
    )
    add_loading_options(parser)
    parser.add_argument('--launcher', choices=LAUNCHERS, default='none')
    parser.add_argument('--local-rank', '--local_rank', type=int)
    args = parser.parse_args(argv)
    if args.auto_scale_lr:
        parser.error(
            '--auto-scale-lr: rates are never scaled; an update has '
            'train_cfg.total_batch_size videos (or total_tasks tasks) on any '
            'number of processes'
        )
    return args


def main(argv: list[str] | None = None) -> None:
    """Train as the command line says."""
    args = parse_args(argv)
    use_loading_options(args)
    config = load_config(args.config, args.cfg_options)
    set_work_dir(config, args.work_dir, args.config)
    if args.trackers:
        add_trackers(config, args.trackers)
    if half := half_of(args):
        enable_amp(config, half)
    if args.no_validate:
        config.val_cfg = config.val_dataloader = config.val_evaluator = None
    for name in ('seed', 'diff_rank_seed', 'deterministic'):
        if getattr(args, name) not in (None, False):
            config.merge_from_dict({f'randomness.{name}': getattr(args, name)})
    check_kept(config, args.cfg_options)
    if args.deterministic:  # what cuBLAS asks for
        os.environ.setdefault('CUBLAS_WORKSPACE_CONFIG', ':4096:8')
    if args.local_rank is not None:
        os.environ.setdefault('LOCAL_RANK', str(args.local_rank))
    with lock_work_dir(config.work_dir, args.launcher):
        _train(config, args)


def _train(config: Config, args: argparse.Namespace) -> None:
    if args.resume == 'auto':  # load_from may be where a first stage ended
        if was_trained(config.work_dir) or not config.get('load_from'):
            config.resume, config.load_from = True, None
    elif args.resume:
        config.resume, config.load_from = True, args.resume
    runner = build_runner(
        config, args.launcher, allow_missing=args.allow_missing
    )
    with naming_killed_workers():
        runner.train()
    close()


if __name__ == '__main__':
    run(main)
