"""Test a recognizer, with a checkpoint or zero-shot.

    python tools/test.py CONFIG [CHECKPOINT] [--out results.json]
    python tools/test.py CONFIG RELEASED_FILE [--skip-foreign]
    python tools/test.py CONFIG [CHECKPOINT] --cells 'ucf101/ep3/*'
    bash tools/dist_test.sh CONFIG [CHECKPOINT] NPROC [the same options]

A released file of ViFi-CLIP, TC-CLIP, Open-VCLIP and others is a checkpoint as
it is, for the config of its model (`tools/convert_weights.py -h` lists them).
Without a checkpoint the weights are those that ``model.weights`` of the
config names: zero-shot CLIP. A config may hold several test sets, see
``BenchmarkTestLoop``; all of them run in one call. With ``--cells`` the test
sets are cells of the protocols (``tools/benchmark.py --list`` names them), and
each leaves a record that ``tools/report.py`` reads.
"""

import argparse
import json
import os
from pathlib import Path
from typing import Any

from mmengine.config import Config
from mmengine.dist import is_main_process

import mmovar  # noqa: F401  (repairs the host before anything is built)
from mmovar.apis import build_runner, close, load_config, set_work_dir
from mmovar.apis.benchmark import config_sha256, record_hook, use_cells
from mmovar.apis.config_options import check_kept
from mmovar.apis.launch import LAUNCHERS
from mmovar.apis.loading import add_loading_options, use_loading_options
from mmovar.apis.option_values import DictAction
from mmovar.apis.precision import add_amp_options, enable_test_amp, half_of
from mmovar.atomic_write import write_text
from mmovar.benchmark import SETUPS
from mmovar.command_line import ArgumentParser, run
from mmovar.datasets.io.in_hand import naming_killed_workers
from mmovar.engine.loops.test_sets import setup_of
from mmovar.output_path import output_file, output_folder


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = ArgumentParser(description='Test a recognizer.')
    parser.add_argument('config', help='config file')
    parser.add_argument(
        'checkpoint', nargs='?', help='none: zero-shot, with model.weights'
    )
    parser.add_argument(
        '--raw',
        action='store_true',
        help='test the raw weights of a checkpoint that holds an average',
    )
    parser.add_argument('--work-dir', help='folder for logs')
    parser.add_argument(
        '--out',
        type=output_file,
        metavar='FILE.json',
        help='write the metrics',
    )
    parser.add_argument(
        '--dump',
        type=output_file,
        metavar='FILE.pkl',
        help='write what is predicted for each video; of several test sets '
        'each has a file of its own, FILE_{set}.pkl',
    )
    parser.add_argument(
        '--show-dir',
        type=output_folder,
        metavar='DIR',
        help='draw the input frames of the videos, with the predictions',
    )
    parser.add_argument(
        '--interval',
        type=int,
        help='of --show-dir: draw every n-th video',
    )
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=DictAction,
        metavar='KEY=VALUE',
        help='override settings: data_root=/data model.weights=clip.pt '
        'test_dataloader.batch_size=4',
    )
    add_amp_options(parser)
    cells = parser.add_argument_group('cells of protocols')
    cells.add_argument(
        '--cells',
        nargs='+',
        metavar='GLOB',
        help="which: 'ucf101/ep3/*'; default: test_cfg.cells of the config",
    )
    cells.add_argument(
        '--setup',
        choices=SETUPS,
        help='how cells are declared; default: by the folder of the config',
    )
    cells.add_argument('--method', help='name in tables; default: the setup')
    cells.add_argument(
        '--selection', default='', help='which checkpoint it is, in words'
    )
    cells.add_argument(
        '--records',
        type=output_folder,
        help='folder; default: WORK_DIR/records',
    )
    add_loading_options(parser)
    parser.add_argument('--launcher', choices=LAUNCHERS, default='none')
    parser.add_argument('--local-rank', '--local_rank', type=int)
    args = parser.parse_args(argv)
    if args.raw and args.checkpoint is None:
        parser.error('--raw needs a checkpoint')
    if args.dump and args.dump.suffix not in ('.pkl', '.pickle'):
        parser.error(f'--dump {args.dump}: the file must end in .pkl')
    if args.interval is not None and not args.show_dir:
        parser.error('--interval needs --show-dir')
    return args


def main(argv: list[str] | None = None) -> dict[str, Any]:
    """Test as the command line says and return the metrics."""
    args = parse_args(argv)
    use_loading_options(args)
    config = load_config(args.config, args.cfg_options)
    sha256 = config_sha256(config)
    set_work_dir(config, args.work_dir, args.config)
    config.resume = False
    if half := half_of(args):
        enable_test_amp(config, half)
    check_kept(config, args.cfg_options)
    if args.checkpoint is not None:
        config.load_from = args.checkpoint
    _use_cells(config, args, sha256)
    _add_outputs(config, args)
    if args.local_rank is not None:
        os.environ.setdefault('LOCAL_RANK', str(args.local_rank))
    runner = build_runner(config, args.launcher, args.raw, args.allow_missing)
    with naming_killed_workers():
        metrics = runner.test()
    if args.out is not None and is_main_process():
        text = json.dumps(metrics, indent=2, default=_to_json)
        write_text(args.out, text + '\n')
    close()
    return metrics


def _use_cells(config: Config, args: argparse.Namespace, sha256: str) -> None:
    """Replace the test sets by the cells that are asked for, if any."""
    patterns = args.cells or config.get('test_cfg', {}).get('cells')
    if not patterns:
        return
    setup = args.setup or setup_of(args.config)
    use_cells(config, patterns, setup)
    hook = record_hook(
        config,
        folder=args.records or Path(config.work_dir) / 'records',
        method=args.method or setup,
        selection=args.selection,
        sha256=sha256,
    )
    config.custom_hooks = [*config.get('custom_hooks', []), hook]


def _add_outputs(config: Config, args: argparse.Namespace) -> None:
    """Write predictions and pictures, as far as they are asked for."""
    if args.dump:
        metrics = config.test_evaluator
        metrics = metrics if isinstance(metrics, list) else [metrics]
        dump = dict(type='DumpResults', out_file_path=str(args.dump))
        config.test_evaluator = [*metrics, dump]
    if args.show_dir:
        hook = dict(
            type='ClipPictureHook',
            enable=True,
            out_dir=str(args.show_dir),
            interval=1 if args.interval is None else args.interval,
        )
        config.merge_from_dict({'default_hooks.visualization': hook})


def _to_json(value: Any) -> Any:
    """Turn NumPy and torch values into plain ones."""
    if hasattr(value, 'tolist'):
        return value.tolist()
    raise TypeError(f'metric of type {type(value).__name__} is no JSON value')


if __name__ == '__main__':
    run(main)
