"""TC-CLIP and ViFi-CLIP over the plain ways written out beside."""

import argparse
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from measure import interleave, peak_memory, ratio
from mmaction.registry import MODELS
from naive_tc_clip import naive_tc_clip
from naive_video_prompting import encode_for_videos
from references import encode_all_tokens
from steps import Step
from torch import Tensor

from mmovar.vocabulary import read_classnames

ARCH = 'ViT-B-16-quickgelu'
CONTEXT_LENGTH = 30  # to which the released TC-CLIP pads its prompts

Forward = Callable[[Tensor], Tensor]


def build_tc_clip(classes: int) -> torch.nn.Module:
    """Build TC-CLIP with random weights and the first names of K400."""
    return _build(
        dict(type='TCCLIPViT', tokens='context'),
        dict(type='VideoConditionalTextHead', text_trainable=True),
        classes,
    )


def build_vifi_clip(classes: int) -> torch.nn.Module:
    """Build ViFi-CLIP with random weights and the first names of K400."""
    head = dict(type='TextHead', templates='vifi_clip', text_trainable=True)
    return _build(
        dict(type='CLIPViT'), dict(head, fusion='mean_embedding'), classes
    )


def _build(
    backbone: dict[str, Any], cls_head: dict[str, Any], classes: int
) -> torch.nn.Module:
    config = dict(type='CLIPRecognizer', arch=ARCH, weights=None)
    model = MODELS.build(dict(config, backbone=backbone, cls_head=cls_head))
    model.set_vocabulary(read_classnames('kinetics400')[:classes])
    return model.cuda() if torch.cuda.is_available() else model


def training_step(
    model: torch.nn.Module, forward: Forward, batch: int, at_once: int
) -> Step:
    """Return a step: logits by ``forward``, cross entropy, AdamW.

    The naive way needs too much memory for many videos and classes, so it
    may take fewer ``at_once``; gradients are the same.
    """
    tuned = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(tuned)
    device = tuned[0].device
    clips = torch.randn(batch, 3, 8, 224, 224, device=device)
    labels = torch.arange(batch, device=device)

    def step() -> None:
        optimizer.zero_grad()
        parts = zip(clips.split(at_once), labels.split(at_once), strict=True)
        for some, truth in parts:
            loss = F.cross_entropy(forward(some), truth, reduction='sum')
            (loss / batch).backward()
        optimizer.step()

    return step


def forward_of(model: torch.nn.Module) -> Forward:
    """Return the model's own way to logits."""
    return lambda clips: model.cls_head(model.backbone(clips))


def naive_tc_forward(model: torch.nn.Module) -> Forward:
    """Whole attention maps, and the whole text tower for each video."""

    def forward(clips: Tensor) -> Tensor:
        x = naive_tc_clip(model.backbone, clips)
        return model.cls_head(x, text=naive_text(model.cls_head, x[1:]))

    return forward


def naive_text(head: torch.nn.Module, videos: tuple[Tensor, ...]) -> Tensor:
    """Text of each class and video, every token of it."""
    return encode_for_videos(head, head.classnames, videos, CONTEXT_LENGTH)


def naive_vifi_forward(model: torch.nn.Module) -> Forward:
    """Prompts over all 77 tokens."""

    def forward(clips: Tensor) -> Tensor:
        text = _all_tokens(model.cls_head)
        return model.cls_head(model.backbone(clips), text=text)

    return forward


def _all_tokens(head: torch.nn.Module) -> Tensor:
    tower = head.text_encoder
    tokens = head._tokens[0].to(tower.text_projection.device)
    return F.normalize(encode_all_tokens(tower, tokens), dim=-1)


def _speed_up(repeats: int, fast: Step, naive: Step) -> str:
    return ratio(*reversed(interleave(repeats, fast, naive)))


def _tc_steps(
    classes: int, batch: int, naive_at_once: int
) -> tuple[Step, Step]:
    model = build_tc_clip(classes).train()
    return (
        training_step(model, forward_of(model), batch, batch),
        training_step(model, naive_tc_forward(model), batch, naive_at_once),
    )


def tc_101(args: argparse.Namespace) -> str:
    """Naive TC-CLIP step over ours, 101 classes, batch 4."""
    return _speed_up(args.repeats, *_tc_steps(101, 4, naive_at_once=4))


def tc_400(args: argparse.Namespace) -> str:
    """Naive TC-CLIP step, video by video, over ours, 400 classes, batch 4."""
    return _speed_up(args.repeats, *_tc_steps(400, 4, naive_at_once=1))


def tc_memory(args: argparse.Namespace) -> str:
    """Peak memory of a TC-CLIP step over the naive, 400 classes, 1 video."""
    peaks = []
    for step in _tc_steps(400, 1, naive_at_once=1):
        step()
        peaks.append(peak_memory(step))
    return f'{peaks[0] / peaks[1]:.3f} ({peaks[0]} / {peaks[1]} MiB)'


def tc_text(args: argparse.Namespace) -> str:
    """Naive TC-CLIP text, video by video, over ours, 400 classes, batch 4."""
    head = build_tc_clip(400).cls_head.train()
    x = _random_features(4, head.logit_scale.device)

    def naive() -> None:
        for video in x[1].split(1):
            naive_text(head, (video,)).sum().backward()

    return _speed_up(
        args.repeats, lambda: head.text_for(x).sum().backward(), naive
    )


def tc_eval(args: argparse.Namespace) -> str:
    """Kept TC-CLIP text over the vision forward, 400 classes, batch 4."""
    model = build_tc_clip(400).eval()
    head = model.cls_head
    x = _random_features(4, head.logit_scale.device)
    clips = torch.randn(4, 3, 8, 224, 224, device=x[0].device)
    with torch.no_grad():
        return ratio(
            *interleave(
                args.repeats,
                lambda: head.text_for(x),
                lambda: model.backbone(clips),
            )
        )


def _random_features(
    batch: int, device: torch.device
) -> tuple[Tensor, Tensor]:
    return (
        torch.randn(batch, 8, 512, device=device),
        torch.randn(batch, 96, 512, device=device),
    )


def vifi_text(args: argparse.Namespace) -> str:
    """77-token text over ViFi-CLIP's, trained, 200 classes."""
    head = build_vifi_clip(200).cls_head.train()
    return _speed_up(
        args.repeats,
        lambda: head.text_features.sum().backward(),
        lambda: _all_tokens(head).sum().backward(),
    )


def vifi_step(args: argparse.Namespace) -> str:
    """ViFi-CLIP step with 77-token text over ours, 200 classes, batch 2."""
    model = build_vifi_clip(200).train()
    steps = [
        training_step(model, forward(model), 2, at_once=2)
        for forward in (forward_of, naive_vifi_forward)
    ]
    return _speed_up(args.repeats, *steps)


VIDEO_TEXT_RATIOS: dict[str, Callable[[argparse.Namespace], str]] = {
    'tc_101': tc_101,
    'tc_400': tc_400,
    'tc_text': tc_text,
    'tc_eval': tc_eval,
    'tc_memory': tc_memory,
    'vifi_text': vifi_text,
    'vifi_step': vifi_step,
}
"""Name of a ratio to what measures it."""
