"""Test a recognizer, with a checkpoint or zero-shot.

    python tools/test.py CONFIG [CHECKPOINT] [--out results.json]
    bash tools/dist_test.sh CONFIG [CHECKPOINT] NPROC [the same options]

Without a checkpoint the weights are those that ``model.weights`` of the
config names: zero-shot CLIP. A config may hold several test sets, see
``BenchmarkTestLoop``; all of them run in one call.
"""

import argparse
import json
from pathlib import Path
from typing import Any

from mmengine.config import DictAction
from mmengine.dist import is_main_process

import mmovar  # noqa: F401  (repairs the host before anything is built)
from mmovar.apis import build_runner, close, load_config, set_work_dir
from mmovar.apis.launch import LAUNCHERS


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description='Test a recognizer.')
    parser.add_argument('config', help='config file')
    parser.add_argument(
        'checkpoint', nargs='?', help='none: zero-shot, with model.weights'
    )
    parser.add_argument(
        '--average',
        metavar='NAME',
        help="which weights of the checkpoint: 'raw', or the name of an "
        'averaging hook; default: those of the active one, if there is any',
    )
    parser.add_argument('--work-dir', help='folder for logs')
    parser.add_argument(
        '--out', type=Path, metavar='FILE.json', help='write the metrics'
    )
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=DictAction,
        metavar='KEY=VALUE',
        help='override settings: data_root=/data model.weights=clip.pt '
        'test_dataloader.0.batch_size=4',
    )
    parser.add_argument('--launcher', choices=LAUNCHERS, default='none')
    args = parser.parse_args(argv)
    if args.average is not None and args.checkpoint is None:
        parser.error('--average needs a checkpoint')
    return args


def main(argv: list[str] | None = None) -> dict[str, Any]:
    """Test as the command line says and return the metrics."""
    args = parse_args(argv)
    config = load_config(args.config, args.cfg_options)
    set_work_dir(config, args.work_dir, args.config)
    config.resume = False
    if args.checkpoint is not None:
        config.load_from = args.checkpoint
    if args.average is not None:
        hook = dict(type='SelectAverageHook', name=args.average)
        config.custom_hooks = [*config.get('custom_hooks', []), hook]
    metrics = build_runner(config, args.launcher).test()
    if args.out is not None and is_main_process():
        args.out.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(metrics, indent=2, default=_to_json)
        args.out.write_text(text + '\n')
    close()
    return metrics


def _to_json(value: Any) -> Any:
    """Turn NumPy and torch values into plain ones."""
    if hasattr(value, 'tolist'):
        return value.tolist()
    raise TypeError(f'metric of type {type(value).__name__} is no JSON value')


if __name__ == '__main__':
    main()
