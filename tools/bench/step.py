"""Time a training step and its parts, on synthetic videos.

python tools/bench/step.py [CONFIG ...] [--batch-size 2] [--num-frames 8]

Prints for each config milliseconds and peak memory (weights, gradients and
optimizer included) per training sample, then ratios of one run, with the
project's goals in brackets (ViT-B/16, 8 frames, batch 2, fp32, one process).
The towers have random weights; a step takes as long with CLIP's.
"""

import argparse
import gc
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from measure import interleave, peak_memory, ratio
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample
from mmengine.optim import build_optim_wrapper
from mmengine.registry import init_default_scope
from references import WidenedAttention, encode_all_tokens

import mmovar  # noqa: F401
from mmovar.apis import load_config
from mmovar.clip import clip_config
from mmovar.engine.loops.cross_batch_train_loop import split_tasks
from mmovar.vocabulary import read_classnames

ROOT = Path(__file__).resolve().parents[2]
VCLIP = str(ROOT / 'configs/open_vclip/k400_plain.py')
OPEN_MEDE = str(ROOT / 'configs/open_mede/k400_zs.py')

Step = Callable[[], object]


def build_model(config: Any, **changes: Any) -> torch.nn.Module:
    """Build the model of a config with random weights and K400's names.

    A frozen text tower is asked once, before the timing, so 8 names and one
    template do; a trained one gets all 400 names at each step.
    """
    model = config.model.copy()
    model.merge(dict(weights=None, **changes))
    head = model.cls_head
    names = read_classnames('kinetics400')
    if not head.get('text_trainable', False):
        head.templates, names = 'bare', names[:8]
    head.tokenizer = None
    model = MODELS.build(model)
    model.set_vocabulary(names)
    device = 'cuda' if torch.cuda.is_available() else 'cpu'
    return model.to(device).train()


def make_batch(config: Any, size: int, frames: int) -> dict[str, list]:
    """Draw videos of noise."""
    side = clip_config(config.model.arch).vision.image_size
    shape = (1, 3, frames, side, side)
    return dict(
        inputs=[
            torch.randint(0, 256, shape, dtype=torch.uint8)
            for _ in range(size)
        ],
        data_samples=[
            ActionDataSample().set_gt_label(i % 8) for i in range(size)
        ],
    )


def training_step(config: Any, args: argparse.Namespace) -> tuple[Step, int]:
    """Return what one iteration of a config does, and its videos."""
    model = build_model(config)
    wrapper = build_optim_wrapper(model, config.optim_wrapper)
    if not hasattr(wrapper, 'episode'):
        batch = make_batch(config, args.batch_size, args.num_frames)
        return lambda: model.train_step(batch, wrapper), args.batch_size
    batch = make_batch(config, 2 * args.batch_size, args.num_frames)
    (task,) = split_tasks(batch, 1)

    def episode() -> None:
        with wrapper.episode() as passes:
            for now in passes:
                model.train_step(task[now.role], wrapper)

    return episode, 2 * args.batch_size


def two_plain_passes(config: Any, args: argparse.Namespace) -> Step:
    """Accumulate the gradients of two batches, then step once."""
    model = build_model(config)
    settings = dict(config.optim_wrapper, type='OptimWrapper')
    for key in ('delta', 'inner_step', 'inner_lr', 'shared'):
        settings.pop(key, None)
    wrapper = build_optim_wrapper(model, dict(settings, accumulative_counts=2))
    batch = make_batch(config, 2 * args.batch_size, args.num_frames)
    (task,) = split_tasks(batch, 1)

    def passes() -> None:
        for half in task.values():
            model.train_step(half, wrapper)

    return passes


def print_config(path: str, args: argparse.Namespace) -> None:
    """Print time and memory of a config."""
    step, videos = training_step(load_config(path, args.cfg_options), args)
    ((*times,),) = interleave(args.repeats, step)
    memory = peak_memory(step)
    print(
        f'{path}: {1000 * min(times) / videos:.0f} ms and '
        f'{memory / videos:.0f} MiB a sample ({videos} videos a step, '
        f'peak {memory} MiB)'
    )
    gc.collect()


def print_ratios(args: argparse.Namespace) -> None:
    """Print the four ratios."""
    plain, meta = load_config(VCLIP), load_config(OPEN_MEDE)
    (meta_step, _), passes = (
        training_step(meta, args),
        two_plain_passes(meta, args),
    )
    times = interleave(args.repeats, meta_step, passes)
    print(f'meta step / two plain passes [1.05]: {ratio(*times)}')
    del meta_step, passes

    framewise = load_config(VCLIP)
    framewise.model.backbone = dict(type='CLIPViT')
    (vclip_step, _), (clip_step, _) = (
        training_step(config, args) for config in (plain, framewise)
    )
    times = interleave(args.repeats, vclip_step, clip_step)
    print(f'VCLIP step / frame-wise CLIP step [1.12]: {ratio(*times)}')
    del clip_step, vclip_step

    gc.collect()
    step, _ = training_step(plain, args)
    step()
    ours = peak_memory(step)
    del step
    widened, model = widened_step(plain, args)
    widened()
    theirs = peak_memory(widened)
    del widened, model
    print(
        f'VCLIP step, peak memory / widened version [0.75]: '
        f'{ours / theirs:.3f} ({ours} / {theirs} MiB)'
    )

    model = build_model(plain)
    tokens = model.cls_head.tokenizer(read_classnames('kinetics400'))
    text = model.cls_head.text_encoder
    tokens = tokens.to(text.text_projection.device)
    with torch.no_grad():
        times = interleave(
            args.repeats,
            lambda: text.encode(tokens),
            lambda: encode_all_tokens(text, tokens),
        )
    print(f'text of 400 names / 77 tokens each [0.25]: {ratio(*times)}')


def widened_step(
    config: Any, args: argparse.Namespace
) -> tuple[Step, torch.nn.Module]:
    """Return a VCLIP step that writes all it could avoid writing."""
    model = build_model(config)
    for block in model.backbone.transformer.resblocks:
        width = block.attn.out_proj.in_features
        plain = WidenedAttention(width, block.attn.heads)
        plain.load_state_dict(block.attn.state_dict())
        block.attn = plain.to(block.attn.in_proj_bias.device)
    wrapper = build_optim_wrapper(model, config.optim_wrapper)
    batch = make_batch(config, args.batch_size, args.num_frames)
    return lambda: model.train_step(batch, wrapper), model


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    from mmengine.config import DictAction

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('configs', nargs='*', default=[VCLIP, OPEN_MEDE])
    parser.add_argument('--batch-size', type=int, default=2)
    parser.add_argument('--num-frames', type=int, default=8)
    parser.add_argument('--repeats', type=int, default=3)
    parser.add_argument('--no-ratios', action='store_true')
    parser.add_argument('--cfg-options', nargs='+', action=DictAction)
    return parser.parse_args()


def main() -> None:
    """Measure and print."""
    args = parse_args()
    init_default_scope('mmaction')
    logging.disable(logging.WARNING)  # one line a parameter group
    print(f'{torch.get_num_threads()} threads, torch {torch.__version__}')
    for path in args.configs:
        print_config(path, args)
    if not args.no_ratios:
        print_ratios(args)


if __name__ == '__main__':
    main()
