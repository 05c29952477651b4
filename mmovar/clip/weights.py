"""CLIP's weights: from a tag or a file, checked, under CLIP's names."""

import warnings
from collections.abc import Mapping, Sequence
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
ACTIVATIONS = {True: 'QuickGELU', False: 'GELU'}


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

    Warns:
        UserWarning: If nothing tells the activation: neither a config beside
            the file, nor sizes of OpenAI's in it, nor an entry
            ``quick_gelu`` beside its ``state_dict``.
    """
    config = clip_config(arch)
    beside = activation_of(weights)
    _check_activation(beside, config, str(weights))
    path = resolve(weights, config)
    content = read_weight_file(path)
    try:
        state_dict = _normalise(content)
    except (KeyError, ValueError) as error:
        raise ValueError(f'{path}: {error.args[0]}') from error
    inside = activation_in(content)
    _check_activation(inside, config, str(path))
    if beside is None and inside is None and Path(weights).exists():
        warnings.warn(
            f'{path} does not tell its activation, {config.name!r} takes it '
            f'for {ACTIVATIONS[config.quick_gelu]}: the arch needs the '
            'suffix "-quickgelu" for weights of OpenAI, and must not have it '
            'for most others',
            stacklevel=2,
        )
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


def mix(
    clip: Sequence[Tensor], tuned: Sequence[Tensor], alpha: float
) -> list[Tensor]:
    """Interpolate weights between CLIP and what they were tuned to.

    Args:
        clip: Of CLIP.
        tuned: Of the same shapes.
        alpha: Share of the tuned, in 0..1; the ends are exact.

    Returns:
        New tensors of the dtype and device of ``tuned``, computed in float32
        or better.
    """
    if alpha == 1:
        return [own.clone() for own in tuned]
    pairs = list(zip(clip, tuned, strict=True))
    if alpha == 0 or not pairs:
        return [theirs.to(own, copy=True) for theirs, own in pairs]
    kinds = [torch.promote_types(own.dtype, torch.float32) for own in tuned]
    pairs_and_kinds = zip(pairs, kinds, strict=True)
    far = [c.to(own.device, kind) for (c, own), kind in pairs_and_kinds]
    near = [own.to(kind) for own, kind in zip(tuned, kinds, strict=True)]
    mixed = torch._foreach_mul(far, 1 - alpha)
    torch._foreach_add_(mixed, torch._foreach_mul(near, alpha))
    return [m.to(own.dtype) for m, own in zip(mixed, tuned, strict=True)]


def activation_in(content: Mapping[str, Any]) -> bool | None:
    """Tell whether a file of CLIP says QuickGELU.

    Args:
        content: What the file holds.

    Returns:
        True for QuickGELU, also if sizes of OpenAI's files are in it; False
        for GELU, None if nothing is said.
    """
    said = content.get('quick_gelu')
    if isinstance(said, bool):
        return said
    return True if _OPENAI_SIZES & unwrap(content)[0].keys() else None


def _normalise(content: Any) -> StateDict:
    """Undo wrappers and foreign names."""
    state_dict, _ = unwrap(content)
    if is_hf_format(state_dict):
        state_dict = from_hf_format(state_dict)
    # open_clip's CustomTextCLIP keeps the text tower under `text.`
    return {
        key.removeprefix('text.'): value
        for key, value in state_dict.items()
        if key not in _OPENAI_SIZES and not key.endswith('attn_mask')
    }


def _check_activation(
    quick_gelu: bool | None, config: CLIPConfig, source: str
) -> None:
    if quick_gelu is not None and quick_gelu != config.quick_gelu:
        raise ValueError(
            f'the weights {source!r} were trained with '
            f'{ACTIVATIONS[quick_gelu]}, but {config.name!r} uses '
            f'{ACTIVATIONS[config.quick_gelu]}; use the arch with'
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
