"""Read released files, complete them with CLIP, write converted ones."""

import pickle
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from mmaction.registry import MODELS
from mmengine.registry import init_default_scope
from torch import Tensor, nn

from mmovar.clip import clip_config
from mmovar.clip.sources import activation_of, resolve
from mmovar.clip.weight_files import UntrustedFileError, read_weight_file
from mmovar.compat import load_host_checkpoint
from mmovar.released import (
    Conversion,
    Request,
    absent_parts,
    add_base,
    clip_name_of,
    convert,
    convert_clip,
    converted_label,
    mix_with,
    require_fit,
    unwrap,
    use_text_of,
)

Weights = str | Path | Mapping[str, Any]
OURS = 'mmovar'
"""Name of this project's own format."""

_TEXT = 'cls_head.text_encoder.'
_TABLE = f'{_TEXT}token_embedding.weight'
_VOCABULARY = 49408  # byte pairs of every CLIP
_LATER = 'of text that is not in the file: give base, the CLIP file'


def open_released(
    weights: Weights,
    fmt: str = 'auto',
    base: Weights | None = None,
    alpha: float = 1.0,
    text_from_base: bool = False,
    trust: bool = False,
    dtype: torch.dtype = torch.float32,
) -> tuple[Conversion, dict[str, Any]]:
    """Read and convert released weights, and complete them with CLIP.

    Args:
        weights: See :func:`load_released`.
        fmt: See :func:`load_released`.
        base: See :func:`load_released`.
        alpha: See :func:`load_released`.
        text_from_base: See :func:`load_released`.
        trust: See :func:`load_released`.
        dtype: To mix in.

    Returns:
        The weights, and what is said beside them: ``quick_gelu`` (None if
        nothing is) and, of a converted file, its ``format``.

    Raises:
        FileNotFoundError: If a file is not there.
        ValueError: See :func:`load_released`.
    """
    if not 0 <= alpha <= 1:
        raise ValueError(f'alpha must be in 0..1, got {alpha}')
    if base is None and (alpha < 1 or text_from_base):
        raise ValueError(
            'alpha < 1 and text_from_base need base, the CLIP file'
        )
    content = read_content(weights, trust)
    conversion = convert(content, fmt)
    if base is not None:
        clip = convert_clip(_read_base(base, trust, conversion))
        add_base(conversion, clip)
        if text_from_base:
            use_text_of(conversion, clip)
        if alpha < 1:
            mix_with(conversion, clip, alpha, dtype)
    label = converted_label(content) or {}
    if not isinstance(weights, Mapping) and 'quick_gelu' not in label:
        label['quick_gelu'] = activation_of(weights)
    return conversion, label


def read_content(weights: Weights, trust: bool = False) -> Any:
    """Read a file of weights, a checkpoint of MMEngine included."""
    if isinstance(weights, Mapping):
        return weights
    path = resolve(weights)
    try:
        return read_weight_file(path, trust)
    except UntrustedFileError as refused:
        try:
            return load_host_checkpoint(path)
        except pickle.UnpicklingError:
            raise refused from None


def _read_base(base: Weights, trust: bool, release: Conversion) -> Any:
    """Read CLIP; sizes of the release tell the model of a tag."""
    if isinstance(base, Mapping):
        return base
    name = clip_name_of(release.shapes)
    path = resolve(base, clip_config(name) if name else None)
    return read_weight_file(path, trust)


def choose_activation(
    conversion: Conversion, label: Mapping[str, Any], asked: bool | None
) -> bool:
    """Choose QuickGELU or GELU: asked for, told by the file, or assumed."""
    if asked is not None:
        return asked
    told = label.get('quick_gelu')
    if told is None and conversion.format.name == 'open_clip':
        warnings.warn(
            'an open_clip file does not tell its activation; QuickGELU is '
            "assumed, as in OpenAI's weights. Most others have GELU: "
            'quick_gelu=False in Python, --gelu of the converter',
            stacklevel=2,
        )
    return told is not False


def own_weights(weights: Weights, trust: bool = False) -> dict | None:
    """Read the weights of a checkpoint that this project trained.

    Returns:
        Name to tensor; None for releases, converted ones included.
    """
    content = read_content(weights, trust)
    found, _ = unwrap(content)
    trained = converted_label(content) is None and _are_ours(found)
    return found if trained else None


def _are_ours(names: Mapping[str, Any]) -> bool:
    return any(name.startswith(('backbone.', 'cls_head.')) for name in names)


def name_of(weights: Weights) -> str:
    """Name weights in an error."""
    return 'the weights' if isinstance(weights, Mapping) else str(weights)


def build_empty(config: dict[str, Any]) -> nn.Module:
    """Build a recognizer that has no memory, to be given weights."""
    init_default_scope('mmaction')
    with torch.device('meta'):
        return MODELS.build(config)


def settle(
    config: dict[str, Any], conversion: Conversion, own: Mapping[str, Tensor]
) -> None:
    """Leave out what a model lacks, and fill what nothing reads.

    Args:
        config: Of the model.
        conversion: Is changed, and says so.
        own: The model's state dict.
    """
    for name in [n for n in conversion.from_base if n not in own]:
        conversion.from_base.remove(name)
        del conversion.weights[name]
    if 'cls_head' not in config:
        for theirs, ours in list(conversion.mapped.items()):
            if ours.startswith('cls_head.'):
                conversion.dropped[theirs] = _LATER
                del conversion.mapped[theirs], conversion.weights[ours]
    unread = 'backbone.proj'  # by an fc layer on the tower's width
    if config['backbone'].get('closed_set') and unread in own:
        conversion.weights.setdefault(unread, torch.zeros(own[unread].shape))


@dataclass(frozen=True)
class Converted:
    """A release under our names, checked against the model of its sizes.

    Attributes:
        conversion: The weights and where each key went.
        quick_gelu: Activation.
        absent: Parts of CLIP that are neither in the release nor in base:
            a model that loads the file keeps its own there.
    """

    conversion: Conversion
    quick_gelu: bool
    absent: tuple[str, ...]


def convert_file(
    weights: Weights,
    fmt: str = 'auto',
    base: Weights | None = None,
    quick_gelu: bool | None = None,
    alpha: float = 1.0,
    text_from_base: bool = False,
    trust: bool = False,
) -> Converted:
    """Convert a release without building its model.

    Args:
        weights: See :func:`load_released`.
        fmt: See :func:`load_released`.
        base: See :func:`load_released`. Without it, whole parts of CLIP may
            be absent, such as the token table of ViFi-CLIP: a config names
            CLIP's weights in ``model.weights``.
        quick_gelu: See :func:`load_released`.
        alpha: See :func:`load_released`.
        text_from_base: See :func:`load_released`.
        trust: See :func:`load_released`.

    Returns:
        The weights under our names.

    Raises:
        FileNotFoundError: If a file is not there.
        ValueError: See :func:`load_released`.
    """
    conversion, label = open_released(
        weights, fmt, base, alpha, text_from_base, trust
    )
    quick_gelu = choose_activation(conversion, label, quick_gelu)
    shapes = conversion.shapes
    if f'{_TEXT}positional_embedding' in shapes and _TABLE not in shapes:
        width = shapes[f'{_TEXT}positional_embedding'][1]
        shapes[_TABLE] = (_VOCABULARY, width)
    ctx = shapes.get('cls_head.prompt_learner.ctx', ())
    names = [f'class {i}' for i in range(ctx[0])] if len(ctx) == 3 else []
    request = Request(tuple(names), None, None, quick_gelu)
    config = conversion.format.model(shapes, request)
    own = build_empty(config).state_dict()
    settle(config, conversion, own)
    absent = absent_parts(conversion, own) - {'more than CLIP'}
    require_fit(
        conversion,
        {k: tuple(v.shape) for k, v in own.items()},
        name_of(weights),
        may_lack=absent,
    )
    return Converted(conversion, quick_gelu, tuple(sorted(absent)))


def save_converted(converted: Converted, path: Path) -> None:
    """Write a converted release as a checkpoint.

    Args:
        converted: From :func:`convert_file`.
        path: The file; ``load_from``, ``tools/test.py`` and
            :func:`load_released` take it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(as_checkpoint(converted), path)


def as_checkpoint(converted: Converted) -> dict[str, Any]:
    """Make a checkpoint of a converted release."""
    conversion = converted.conversion
    label = dict(
        format=conversion.format.name, quick_gelu=converted.quick_gelu
    )
    return dict(
        meta=dict(released=label),
        state_dict={k: v.contiguous() for k, v in conversion.weights.items()},
    )
