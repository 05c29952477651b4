"""Time a training step and its parts, on synthetic videos.

python tools/bench/step.py [CONFIG ...] [--batch-size 2] [--ratios meta text]

Prints for each config milliseconds and peak memory (weights, gradients and
optimizer included) per training sample, then ratios of one run, with the
project's goals in brackets (ViT-B/16, 8 frames, batch 2, fp32, one process).
The towers have random weights; a step takes as long with CLIP's.
"""

import argparse
import gc
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

import torch
from measure import interleave, peak_memory, ratio
from mmaction.registry import HOOKS, MODELS
from mmaction.structures import ActionDataSample
from mmengine.optim import build_optim_wrapper
from mmengine.registry import init_default_scope
from references import WidenedAttention, encode_all_tokens

import mmovar  # noqa: F401
from mmovar.apis import load_config
from mmovar.clip import (
    TextTransformer,
    VisionTransformer,
    clip_config,
    merge_clip_state_dict,
)
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
    model.merge(dict(dict(weights=None), **changes))
    head = model.cls_head
    names = read_classnames('kinetics400')
    if not head.get('text_trainable', False):
        head.templates, names = 'bare', names[:8]
    head.tokenizer = None
    if not isinstance(model.arch, str):  # room for byte pairs
        model.arch.text_cfg.update(vocab_size=49408, context_length=77)
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


def two_plain_passes(
    config: Any, args: argparse.Namespace, batches: Sequence[Any] = ()
) -> Step:
    """Accumulate the gradients of two batches, then step once."""
    model = build_model(config)
    settings = dict(config.optim_wrapper, type='OptimWrapper')
    for key in ('delta', 'inner_step', 'inner_lr', 'shared'):
        settings.pop(key, None)
    wrapper = build_optim_wrapper(model, dict(settings, accumulative_counts=2))
    batches = batches or [
        make_batch(config, args.batch_size, args.num_frames) for _ in range(2)
    ]

    def passes() -> None:
        for batch in batches:
            model.train_step(batch, wrapper)

    return passes


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


def meta_ratio(args: argparse.Namespace) -> str:
    """Meta step over two plain passes of the same batches."""
    config = load_config(OPEN_MEDE)
    step, _ = training_step(config, args)
    return ratio(
        *interleave(args.repeats, step, two_plain_passes(config, args))
    )


def vclip_ratio(args: argparse.Namespace) -> str:
    """VCLIP step over frame-wise CLIP step."""
    vclip, framewise = load_config(VCLIP), load_config(VCLIP)
    framewise.model.backbone = dict(type='CLIPViT')
    steps = [training_step(c, args)[0] for c in (vclip, framewise)]
    return ratio(*interleave(args.repeats, *steps))


def memory_ratio(args: argparse.Namespace) -> str:
    """Peak memory of a VCLIP step over that of a widened version."""
    config, peaks = load_config(VCLIP), []
    for build in (training_step, widened_step):
        step, _ = build(config, args)
        step()
        peaks.append(peak_memory(step))
        del step
    return f'{peaks[0] / peaks[1]:.3f} ({peaks[0]} / {peaks[1]} MiB)'


def text_ratio(args: argparse.Namespace) -> str:
    """Text of 400 names over the same with 77 tokens each."""
    head = build_model(load_config(VCLIP)).cls_head
    text = head.text_encoder
    tokens = head.tokenizer(read_classnames('kinetics400'))
    tokens = tokens.to(text.text_projection.device)
    with torch.no_grad():
        return ratio(
            *interleave(
                args.repeats,
                lambda: text.encode(tokens),
                lambda: encode_all_tokens(text, tokens),
            )
        )


def iwr_ratio(args: argparse.Namespace) -> str:
    """IWR step over two plain passes of the same batch."""
    config = load_config(VCLIP)
    batch = make_batch(config, args.batch_size, args.num_frames)
    with random_clip(config) as weights:
        model = build_model(config, weights=weights)
        wrapper = build_optim_wrapper(model, config.optim_wrapper)
        runner = SimpleNamespace(
            model=model,
            optim_wrapper=wrapper,
            message_hub=wrapper.message_hub,
            iter=0,
            seed=0,
        )
        hook = HOOKS.build(dict(type='IWRHook'))
        hook.before_train(runner)

    def step() -> None:
        hook.before_train_iter(runner, 0, batch)
        model.train_step(batch, wrapper)
        hook.after_train_iter(runner, 0)

    plain = two_plain_passes(config, args, [batch, batch])
    return ratio(*interleave(args.repeats, step, plain))


def distillation_ratio(args: argparse.Namespace) -> str:
    """FROSTER's step over a plain step and one frozen forward."""
    config = load_config(VCLIP)
    batch = make_batch(config, args.batch_size, args.num_frames)
    losses = [dict(type='FeatureDistillation')]
    with random_clip(config) as weights:
        model = build_model(config, weights=weights, auxiliary_losses=losses)
        wrapper = build_optim_wrapper(model, config.optim_wrapper)
        model.train_step(batch, wrapper)  # loads the teacher
    plain_step, _ = training_step(config, args)
    framewise = load_config(VCLIP)
    framewise.model.backbone = dict(type='CLIPViT')
    teacher = build_model(framewise)

    def plain() -> None:
        plain_step()
        with torch.no_grad():
            inputs = teacher.data_preprocessor(batch, True)['inputs']
            teacher.extract_feat(inputs)

    return ratio(
        *interleave(
            args.repeats, lambda: model.train_step(batch, wrapper), plain
        )
    )


@contextmanager
def random_clip(config: Any) -> Iterator[str]:
    """Write random weights for what must load a CLIP."""
    arch = config.model.arch
    with TemporaryDirectory() as folder:
        state_dict = merge_clip_state_dict(
            VisionTransformer(arch), TextTransformer(arch), torch.tensor(4.6)
        )
        torch.save(state_dict, f'{folder}/clip.pt')
        yield f'{folder}/clip.pt'


RATIOS: dict[str, tuple[float, Callable[[argparse.Namespace], str]]] = {
    'meta': (1.05, meta_ratio),
    'vclip': (1.12, vclip_ratio),
    'memory': (0.75, memory_ratio),
    'text': (0.25, text_ratio),
    'iwr': (1.05, iwr_ratio),
    'distillation': (1.05, distillation_ratio),
}
"""Name of a ratio to the project's goal for it and what measures it."""


def widened_step(config: Any, args: argparse.Namespace) -> tuple[Step, int]:
    """Return a VCLIP step that writes all it could avoid writing."""
    model = build_model(config)
    for block in model.backbone.transformer.resblocks:
        width = block.attn.out_proj.in_features
        plain = WidenedAttention(width, block.attn.heads)
        plain.load_state_dict(block.attn.state_dict())
        block.attn = plain.to(block.attn.in_proj_bias.device)
    wrapper = build_optim_wrapper(model, config.optim_wrapper)
    batch = make_batch(config, args.batch_size, args.num_frames)
    return lambda: model.train_step(batch, wrapper), args.batch_size


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    from mmengine.config import DictAction

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('configs', nargs='*', default=[VCLIP, OPEN_MEDE])
    parser.add_argument('--batch-size', type=int, default=2)
    parser.add_argument('--num-frames', type=int, default=8)
    parser.add_argument('--repeats', type=int, default=3)
    parser.add_argument(
        '--ratios', nargs='*', choices=RATIOS, default=list(RATIOS)
    )
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
    for name in args.ratios:
        goal, measure = RATIOS[name]
        print(f'{measure.__doc__[:-1]} [{goal}]: {measure(args)}', flush=True)
        gc.collect()


if __name__ == '__main__':
    main()
