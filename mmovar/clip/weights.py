"""CLIP's weights: from a tag or a file, checked, under CLIP's names."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from .config import Arch, CLIPConfig, clip_config
from .containers import unwrap
from .fit import describe_misfits, misfits, shapes_of
from .hf_format import StateDict, from_hf_format, is_hf_format
from .sources import activation_of, resolve
from .text import TextTransformer
from .vision import VisionTransformer
from .weight_files import read_weight_file

# OpenAI stores its sizes beside the weights; only its files have these keys
_OPENAI_SIZES = {'input_resolution', 'context_length', 'vocab_size'}


def load_clip_state_dict(weights: str | Path, arch: Arch) -> StateDict:
    """Load the weights of a CLIP model under CLIP's parameter names.

    Args:
        weights: A tag of open_clip (``'openai'``, ``'laion2b_s34b_b88k'``),
            or a file: OpenAI's TorchScript archive or state dict, an
            open_clip checkpoint, safetensors, or a Hugging Face CLIP (file or
            folder).
        arch: Model name or sizes the weights must fit, see
            :func:`clip_config`.

    Returns:
        Name to float32 tensor, for all parameters of CLIP and no others.

    Raises:
        FileNotFoundError: If ``weights`` is neither a tag of this model nor a
            file, or a tag cannot be downloaded.
        ValueError: If the weights do not fit ``arch``: other names, other
            shapes, or the other activation (QuickGELU or GELU).
    """
    config = clip_config(arch)
    quick_gelu = activation_of(weights)
    if quick_gelu is not None:
        _check_activation(quick_gelu, config, str(weights))
    path = resolve(weights, config)
    state_dict = _normalise(read_weight_file(path), config, path)
    _check_fit(state_dict, config, path)
    return {key: value.float() for key, value in state_dict.items()}


class ClipParts(NamedTuple):
    """Weights of CLIP: of both towers, each under its own names."""

    visual: StateDict
    text: StateDict
    logit_scale: Tensor


def split_clip(state_dict: Mapping[str, Tensor]) -> ClipParts:
    """Split all weights of CLIP into its towers and (log) temperature."""
    text = dict(state_dict)
    logit_scale = text.pop('logit_scale')
    visual = {
        name.removeprefix('visual.'): text.pop(name)
        for name in state_dict
        if name.startswith('visual.')
    }
    return ClipParts(visual, text, logit_scale)


def recognizer_name(name: str) -> str:
    """Turn a name of CLIP into a recognizer's name of the same weight."""
    if name.startswith('visual.'):
        return name.replace('visual.', 'backbone.', 1)
    head = 'cls_head.' if name == 'logit_scale' else 'cls_head.text_encoder.'
    return head + name


def merge_clip_state_dict(
    vision: VisionTransformer, text: TextTransformer, logit_scale: Tensor
) -> StateDict:
    """Put both towers and the (log) temperature under CLIP's names."""
    merged = {f'visual.{k}': v for k, v in vision.state_dict().items()}
    merged.update(text.state_dict())
    merged['logit_scale'] = logit_scale.detach()
    return merged


def mix(clip: Tensor, tuned: Tensor, alpha: float) -> Tensor:
    """Interpolate a weight between CLIP and what it was tuned to.

    Args:
        clip: Of CLIP.
        tuned: Of the same shape.
        alpha: Share of the tuned, in 0..1; the ends are exact.

    Returns:
        A new tensor of the dtype and device of ``tuned``, computed in float32
        or better.
    """
    if alpha == 1:
        return tuned.clone()
    if alpha == 0:
        return clip.to(tuned, copy=True)
    full = torch.promote_types(tuned.dtype, torch.float32)
    mixed = (1 - alpha) * clip.to(tuned.device, full) + alpha * tuned.to(full)
    return mixed.to(tuned.dtype)


def _normalise(content: Any, config: CLIPConfig, path: Path) -> StateDict:
    """Undo wrappers and foreign names."""
    state_dict, _ = unwrap(content)
    if _OPENAI_SIZES & set(state_dict):
        _check_activation(True, config, str(path))
    if is_hf_format(state_dict):
        state_dict = from_hf_format(state_dict)
    # open_clip's CustomTextCLIP keeps the text tower under `text.`
    return {
        key.removeprefix('text.'): value
        for key, value in state_dict.items()
        if key not in _OPENAI_SIZES and not key.endswith('attn_mask')
    }


def _check_activation(
    quick_gelu: bool, config: CLIPConfig, source: str
) -> None:
    if quick_gelu != config.quick_gelu:
        needed, given = ('QuickGELU', 'GELU')[:: 1 if quick_gelu else -1]
        raise ValueError(
            f'the weights {source!r} were trained with {needed}, but '
            f'{config.name!r} uses {given}; use the arch with'
            f'{"" if quick_gelu else "out"} the suffix "-quickgelu" '
            f'(quick_gelu={quick_gelu} in a dict)'
        )


def _check_fit(state_dict: StateDict, config: CLIPConfig, path: Path) -> None:
    wrong = misfits(shapes_of(state_dict), clip_shapes(config))
    if any(wrong):
        raise ValueError(
            f'{path} does not fit {config.name!r}: {describe_misfits(*wrong)}'
        )


def clip_shapes(arch: Arch) -> dict[str, tuple[int, ...]]:
    """Return the shapes of CLIP's weights by name."""
    with torch.device('meta'):
        vision, text = VisionTransformer(arch), TextTransformer(arch)
        scale = nn.Parameter(torch.empty(()))
    return shapes_of(merge_clip_state_dict(vision, text, scale))
