"""Training steps of configs on synthetic videos, for the benchmark."""

import argparse
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import Any

import torch
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample
from mmengine.optim import build_optim_wrapper

import mmovar  # noqa: F401
from mmovar.clip import (
    TextTransformer,
    VisionTransformer,
    clip_config,
    merge_clip_state_dict,
)
from mmovar.engine.hooks.compile_hook import compile_blocks
from mmovar.engine.loops.cross_batch_train_loop import split_tasks
from mmovar.vocabulary import read_classnames

Step = Callable[[], object]


def build_model(config: Any, **changes: Any) -> torch.nn.Module:
    """Build the model of a config with random weights and K400's names.

    A frozen text tower is asked once, before the timing, so 8 names and one
    template do; a trained one gets all 400 names at each step.
    """
    model = config.model.copy()
    if model.type == 'CLIPEnsemble':  # trains as its recognizer alone
        model.pop('ratio')
        model.type = 'CLIPRecognizer'
    model.merge(dict(dict(weights=None), **changes))
    model.cls_head.tokenizer = None
    if not isinstance(model.arch, str):  # room for byte pairs
        model.arch.text_cfg.update(vocab_size=49408, context_length=77)
    model = MODELS.build(model)
    names = read_classnames('kinetics400')
    if not model.cls_head.text_trainable:
        model.cls_head.templates, names = ('{}',), names[:8]
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


def training_step(
    config: Any, args: argparse.Namespace, compiled: bool = False
) -> tuple[Step, int]:
    """Return what one iteration of a config does, and its videos."""
    for part in ('backbone', 'neck'):  # learned temporal positions
        if 'num_frames' in config.model.get(part, {}):
            config.model[part].num_frames = args.num_frames
    model = build_model(config)
    if compiled:
        compile_blocks(model)
    wrapper = build_optim_wrapper(model, config.optim_wrapper)
    if not hasattr(wrapper, 'meta_step'):
        batch = make_batch(config, args.batch_size, args.num_frames)
        return lambda: model.train_step(batch, wrapper), args.batch_size
    batch = make_batch(config, 2 * args.batch_size, args.num_frames)
    tasks = split_tasks(batch, 1)
    return lambda: wrapper.meta_step(model, tasks), 2 * args.batch_size


def two_plain_passes(
    config: Any, args: argparse.Namespace, batches: Sequence[Any] = ()
) -> Step:
    """Accumulate the gradients of two batches, then step once."""
    model = build_model(config)
    settings = dict(config.optim_wrapper, type='OptimWrapper')
    for key in ('delta', 'support_weight', 'inner_step', 'inner_lr'):
        settings.pop(key, None)
    wrapper = build_optim_wrapper(model, dict(settings, accumulative_counts=2))
    batches = batches or [
        make_batch(config, args.batch_size, args.num_frames) for _ in range(2)
    ]

    def passes() -> None:
        for batch in batches:
            model.train_step(batch, wrapper)

    return passes


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
