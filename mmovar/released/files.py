"""Read released files, complete them with CLIP, write converted ones."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from mmaction.models.recognizers import Recognizer3D
from mmaction.registry import MODELS
from mmengine.registry import init_default_scope
from torch import nn

from mmovar.atomic_write import replacing
from mmovar.clip import clip_config
from mmovar.clip.containers import unwrap
from mmovar.clip.fit import shapes_of
from mmovar.clip.sources import activation_of, resolve
from mmovar.clip.weight_files import read_weight_file
from mmovar.clip.weights import ACTIVATIONS, activation_in

from .clip_models import PLAIN_CLIP
from .completion import complete, fill_from_base
from .conversion import (
    Conversion,
    absent_parts,
    are_ours,
    clip_part,
    convert,
    convert_clip,
    converted_label,
    require_fit,
)
from .format import (
    TEXT_TOWER,
    TOKEN_TABLE,
    Format,
    LoadOptions,
    StateDict,
)
from .sizes import clip_name_of

Weights = str | Path | Mapping[str, Any]
OURS = 'mmovar'
"""Name of this project's own format."""

_VOCABULARY = 49408  # byte pairs of every CLIP


def open_released(
    weights: Weights,
    fmt: str = 'auto',
    base: Weights | None = None,
    quick_gelu: bool | None = None,
    alpha: float = 1.0,
    text_from_base: bool = False,
    skip_foreign: bool = False,
    dtype: torch.dtype = torch.float32,
) -> tuple[Conversion, bool]:
    """Read and convert released weights, and complete them with CLIP.

    Arguments and errors are those of :func:`mmovar.apis.load_released`.

    Returns:
        The weights, and whether the activation is QuickGELU.
    """
    if not 0 <= alpha <= 1:
        raise ValueError(f'alpha must be in 0..1, got {alpha}')
    if base is None and (alpha < 1 or text_from_base):
        raise ValueError(
            'alpha < 1 and text_from_base need base, the CLIP file'
        )
    content = read_content(weights, skip_foreign)
    try:
        conversion = convert(content, fmt)
    except ValueError as error:
        raise ValueError(f'{_name(weights)}: {error}') from error
    if base is not None:
        clip = convert_clip(_read_base(base, skip_foreign, conversion))
        complete(conversion, clip, alpha, text_from_base, dtype)
    if quick_gelu is None:
        quick_gelu = _activation(weights, content, conversion.format)
    if quick_gelu is None:
        warnings.warn(
            f'the activation of {_name(weights)} is not told; QuickGELU is '
            "assumed, as in OpenAI's weights. Most others have GELU: "
            'quick_gelu=False in Python, --gelu of the converter',
            stacklevel=3,
        )
    return conversion, quick_gelu is not False


def _name(weights: Weights) -> str:
    return 'the weights' if isinstance(weights, Mapping) else str(weights)


def _activation(
    weights: Weights, content: Mapping[str, Any], fmt: Format
) -> bool | None:
    """Tell whether a release has QuickGELU, None if nothing tells."""
    label = converted_label(content)
    if label is not None:
        return label.get('quick_gelu')
    if fmt not in PLAIN_CLIP:
        return True
    told = activation_in(content)
    if told is None and not isinstance(weights, Mapping):
        told = activation_of(weights)
    return told


def read_content(weights: Weights, skip_foreign: bool = False) -> Any:
    """Read a file of weights, unless they are given."""
    if isinstance(weights, Mapping):
        return weights
    return read_weight_file(resolve(weights), skip_foreign)


def _read_base(base: Weights, skip_foreign: bool, release: Conversion) -> Any:
    """Read CLIP; sizes of the release tell the model of a tag."""
    if isinstance(base, Mapping):
        return base
    name = clip_name_of(release.shapes)
    path = resolve(base, clip_config(name) if name else None)
    return read_weight_file(path, skip_foreign)


def own_weights(weights: Weights, skip_foreign: bool = False) -> dict | None:
    """Read the weights of a checkpoint that this project trained.

    Returns:
        Name to tensor; None for releases, converted ones included.
    """
    content = read_content(weights, skip_foreign)
    found, _ = unwrap(content)
    trained = converted_label(content) is None and are_ours(found)
    return found if trained else None


def build_fitting(
    conversion: Conversion,
    config: dict[str, Any],
    source: Weights,
    may_lack: bool = False,
) -> tuple[Recognizer3D, set[str]]:
    """Build the recognizer of a release, without memory for its weights.

    Args:
        conversion: Is fitted to the model, see
            :func:`mmovar.released.completion.fill_from_base`.
        config: Of the model.
        source: Is named in errors.
        may_lack: Whether whole parts of CLIP may be absent.

    Returns:
        The model, and the parts of CLIP that are absent.

    Raises:
        ValueError: If the weights do not fit.
    """
    init_default_scope('mmaction')
    with torch.device('meta'):
        model = MODELS.build(config)
    own = model.state_dict()
    fill_from_base(config, conversion, own)
    absent = absent_parts(conversion, own)
    require_fit(
        conversion,
        shapes_of(own),
        _name(source),
        absent if may_lack else (),
    )
    return model, absent


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


def convert_file(weights: Weights, **options: Any) -> Converted:
    """Convert a release without building its model.

    Args:
        weights: See :func:`mmovar.apis.load_released`.
        options: ``fmt``, ``base``, ``quick_gelu``, ``alpha``,
            ``text_from_base`` and ``skip_foreign``, as there. Without
            ``base``, whole parts of CLIP may be absent, such as the token
            table of ViFi-CLIP: a config names CLIP's weights in
            ``model.weights``.

    Returns:
        The weights under our names.

    Raises:
        FileNotFoundError: If a file is not there.
        ValueError: See :func:`mmovar.apis.load_released`.
    """
    conversion, quick_gelu = open_released(weights, **options)
    shapes = conversion.shapes
    if (
        f'{TEXT_TOWER}positional_embedding' in shapes
        and TOKEN_TABLE not in shapes
    ):
        width = shapes[f'{TEXT_TOWER}positional_embedding'][1]
        shapes[TOKEN_TABLE] = (_VOCABULARY, width)
    ctx = shapes.get('cls_head.prompt_learner.ctx', ())
    names = [f'class {i}' for i in range(ctx[0])] if len(ctx) == 3 else []
    config = conversion.format.model(
        shapes, LoadOptions(tuple(names), None, None, quick_gelu)
    )
    _, absent = build_fitting(conversion, config, weights, may_lack=True)
    return Converted(conversion, quick_gelu, tuple(sorted(absent)))


def convert_for(model: nn.Module, content: Any) -> StateDict:
    """Convert a release for a model that a config built.

    Args:
        model: Parts of CLIP that a release does not contain, such as the
            token table of ViFi-CLIP, are those of its ``weights``.
        content: What the file holds; it may be converted already.

    Raises:
        ValueError: If the release does not fit, has another activation, or
            lacks what the model was built without.
    """
    arch = getattr(model, 'arch', None)
    quick_gelu = clip_config(arch).quick_gelu if arch else None
    conversion = convert_file(content, quick_gelu=quick_gelu).conversion
    told = _activation(content, content, conversion.format)
    if None not in (told, quick_gelu) and told != quick_gelu:
        raise ValueError(
            f'released {conversion.format.name} weights have '
            f'{ACTIVATIONS[told is True]}, the arch of the model has '
            f'{ACTIVATIONS[quick_gelu is True]}: see the suffix "-quickgelu" '
            '(quick_gelu in a dict)'
        )
    own = model.state_dict()
    absent = absent_parts(conversion, own)
    if absent and getattr(model, 'weights', None) is None:
        raise ValueError(
            f'released {conversion.format.name} weights lack the '
            f'{sorted(absent)} of CLIP: set model.weights of the config to '
            'the CLIP file they were tuned from'
        )
    require_fit(conversion, shapes_of(own), 'released weights', absent)
    clip = {name: own[name] for name in own if clip_part(name) in absent}
    return conversion.weights | clip


def save_converted(converted: Converted, path: Path) -> None:
    """Write a converted release as a checkpoint.

    Args:
        converted: From :func:`convert_file`.
        path: The file; ``load_from``, ``tools/test.py`` and
            :func:`load_released` take it.
    """
    conversion = converted.conversion
    label = dict(
        format=conversion.format.name, quick_gelu=converted.quick_gelu
    )
    weights = {k: v.contiguous() for k, v in conversion.weights.items()}
    with replacing(path) as part:
        torch.save(dict(meta=dict(released=label), state_dict=weights), part)
