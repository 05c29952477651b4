"""Ratios of one run: what a method costs over the plain way."""

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
from measure import interleave, peak_memory, ratio
from mmaction.registry import HOOKS
from mmengine.optim import build_optim_wrapper
from references import WidenedAttention, encode_all_tokens
from steps import (
    Step,
    build_model,
    make_batch,
    random_clip,
    training_step,
    two_plain_passes,
)

from mmovar.apis import load_config
from mmovar.engine.optim_wrappers.finite_steps import FiniteSteps
from mmovar.vocabulary import read_classnames

ROOT = Path(__file__).resolve().parents[2]
VCLIP = str(ROOT / 'configs/open_vclip/k400_plain.py')
ST_ADAPTER = str(ROOT / 'configs/learners/st_adapter_plain.py')
OPEN_MEDE = str(ROOT / 'configs/open_mede/k400_zs.py')


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


def adapter_ratio(args: argparse.Namespace) -> str:
    """Peak memory of tuning adapters over that of tuning all of vision."""
    config, peaks = load_config(ST_ADAPTER), []
    for trainable in (config.model.trainable, ['backbone.']):
        config.model.trainable = trainable
        step, _ = training_step(config, args)
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


def guard_ratio(args: argparse.Namespace) -> str:
    """Step that is skipped if not finite over one that is not guarded."""
    config, steps = load_config(VCLIP), []
    batch = make_batch(config, args.batch_size, args.num_frames)
    for guarded in (True, False):
        model = build_model(config)
        wrapper = build_optim_wrapper(model, config.optim_wrapper)
        if guarded:
            FiniteSteps(wrapper)
        steps.append(partial(model.train_step, batch, wrapper))
    return ratio(*interleave(args.repeats, *steps))


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


RATIOS: dict[str, Callable[[argparse.Namespace], str]] = {
    'meta': meta_ratio,
    'vclip': vclip_ratio,
    'memory': memory_ratio,
    'text': text_ratio,
    'adapter': adapter_ratio,
    'iwr': iwr_ratio,
    'distillation': distillation_ratio,
    'guard': guard_ratio,
}
"""Name of a ratio to what measures it."""
