"""Mix a fine-tuned model with the CLIP it comes from.

    python tools/patch_weights.py CONFIG CKPT --alpha 0.5 --out patched.pth
    python tools/patch_weights.py CONFIG CKPT --out-dir sweep \
        --sweep 0 0.2 0.4 0.6 0.8 1 --x known_ic/acc/top1 --y novel_ic/acc/top1

alpha is the share of the fine-tuned weights: 0 is CLIP, 1 the fine-tuned
model. Open-VCLIP's ratio is the share of CLIP: --open-vclip-ratio. A sweep
tests each alpha on the test sets of the config and writes `records.jsonl`
and, with --x and --y, the curve `trade_off.png`. With --mix logits it is the
share of the fine-tuned model's logits; the rest is frozen CLIP's.
"""

import argparse
import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from mmaction.registry import MODELS
from mmengine.config import Config
from mmengine.dist import is_main_process
from mmengine.registry import init_default_scope
from tqdm import tqdm

import mmovar  # noqa: F401  (repairs the host before anything is built)
from mmovar.apis import build_runner, close, load_config, set_work_dir
from mmovar.apis.launch import LAUNCHERS
from mmovar.apis.option_values import DictAction
from mmovar.atomic_write import replacing
from mmovar.clip.weight_files import read_weight_file
from mmovar.command_line import ArgumentParser, run
from mmovar.engine.weights.checkpoint_variants import raw_weights
from mmovar.engine.weights.patching import patch, resolve_alpha
from mmovar.output_path import output_file, output_folder
from mmovar.visualization.trade_off import draw_trade_off


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = ArgumentParser(
        description='Mix a fine-tuned model with the CLIP it comes from.'
    )
    parser.add_argument('config', help='config file')
    parser.add_argument('checkpoint', type=Path, help='fine-tuned weights')
    parser.add_argument(
        '--raw', action='store_true', help='mix the raw weights, no average'
    )
    share = parser.add_mutually_exclusive_group(required=True)
    share.add_argument(
        '--alpha', type=float, help='share of fine-tuned weights'
    )
    share.add_argument('--wise-ft', type=float, help='the same')
    share.add_argument('--open-vclip-ratio', type=float, help='share of CLIP')
    share.add_argument(
        '--sweep', type=float, nargs='+', metavar='A', help='test each alpha'
    )
    parser.add_argument(
        '--out', type=output_file, metavar='FILE', help='patched checkpoint'
    )
    parser.add_argument(
        '--out-dir',
        type=output_folder,
        metavar='DIR',
        help='folder of a sweep',
    )
    parser.add_argument(
        '--mix',
        choices=('weights', 'logits'),
        default='weights',
        help='what a sweep mixes',
    )
    parser.add_argument('--x', help='closed-set metric of the curve')
    parser.add_argument('--y', help='zero-shot metric of the curve')
    parser.add_argument(
        '--cfg-options', nargs='+', action=DictAction, metavar='KEY=VALUE'
    )
    parser.add_argument('--launcher', choices=LAUNCHERS, default='none')
    args = parser.parse_args(argv)
    if args.sweep and (args.out or not args.out_dir):
        parser.error('--sweep needs --out-dir, not --out')
    if not args.sweep and (args.out_dir or args.x or args.y or not args.out):
        parser.error('a single alpha needs --out and nothing of a sweep')
    if not args.sweep and args.mix == 'logits':
        parser.error('--mix logits is for --sweep')
    if bool(args.x) != bool(args.y):
        parser.error('--x and --y belong together')
    return args


def main(argv: list[str] | None = None) -> None:
    """Patch or sweep as the command line says."""
    args = parse_args(argv)
    if not args.checkpoint.is_file():
        raise FileNotFoundError(
            f'there is no checkpoint {str(args.checkpoint)!r}'
        )
    config = load_config(args.config, args.cfg_options)
    if args.sweep:
        sweep(config, args)
    else:
        write_patched(config, args)


def write_patched(config: Config, args: argparse.Namespace) -> None:
    """Write one patched checkpoint."""
    alpha = resolve_alpha(
        alpha=args.alpha,
        wise_ft=args.wise_ft,
        open_vclip_ratio=args.open_vclip_ratio,
    )
    checkpoint = read_weight_file(args.checkpoint)
    state_dict = checkpoint['state_dict']
    if args.raw:
        state_dict = raw_weights(checkpoint)
    init_default_scope(config.get('default_scope', 'mmaction'))
    theta_clip = MODELS.build(config.model).clip_state_dict()
    patched = dict(
        meta={**checkpoint.get('meta', {}), 'patch_alpha': alpha},
        state_dict=patch(theta_clip, state_dict, alpha),
    )
    with replacing(args.out) as part:
        torch.save(patched, part)
    print(f'{alpha:g} of {args.checkpoint} and {1 - alpha:g} of CLIP')


def sweep(config: Config, args: argparse.Namespace) -> None:
    """Test every alpha; write the records and the curve."""
    alphas = sorted({resolve_alpha(alpha=alpha) for alpha in args.sweep})
    set_work_dir(config, args.out_dir / 'logs', args.config)
    args.out_dir.mkdir(parents=True, exist_ok=True)
    records = args.out_dir / 'records.jsonl'
    records.unlink(missing_ok=True)
    points = []
    for alpha, metrics in _test_each(config, args, alphas):
        for key in filter(None, (args.x, args.y)):
            if key not in metrics:
                raise KeyError(f'no metric {key!r}; there are {list(metrics)}')
        if not is_main_process():
            continue
        with records.open('a') as file:
            record = dict(alpha=alpha, metrics=metrics)
            file.write(json.dumps(record) + '\n')
        print(f'alpha {alpha:g}: {metrics}')
        if args.x:
            points.append((alpha, metrics[args.x], metrics[args.y]))
    if points:
        draw_trade_off(points, args.out_dir / 'trade_off.png', args.x, args.y)
    close()


def _test_each(
    config: Config, args: argparse.Namespace, alphas: list[float]
) -> Iterator[tuple[float, dict[str, float]]]:
    """Test the checkpoint with each alpha."""
    hooks = [  # the command line decides
        hook
        for hook in config.get('custom_hooks', [])
        if hook['type'] != 'WeightPatchHook'
    ]
    config.resume, config.load_from = False, str(args.checkpoint)
    for alpha in tqdm(alphas, 'alphas', disable=not is_main_process()):
        one = copy.deepcopy(config)
        one.custom_hooks = list(hooks)
        if args.mix == 'logits':
            one.model.type = 'CLIPEnsemble'
            one.test_cfg.clip_share = 1 - alpha
        else:
            one.custom_hooks += [dict(type='WeightPatchHook', alpha=alpha)]
        # MMEngine keeps loggers by the name of the experiment
        one.experiment_name = f'{args.out_dir.resolve()}_{alpha}'.replace(
            '/', '_'
        )
        runner = build_runner(one, args.launcher, args.raw)
        metrics: dict[str, Any] = runner.test()
        yield alpha, {key: float(value) for key, value in metrics.items()}


if __name__ == '__main__':
    run(main)
