"""Turn released weights into those of a recognizer, all keys accounted for."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from mmovar.clip.containers import unwrap
from mmovar.clip.fit import describe_misfits, misfits, name_some, shapes_of

from .clip_models import HF_CLIP, OPEN_CLIP, OPENAI
from .format import TEXT_TOWER, TOKEN_TABLE, Format, StateDict
from .learners import ST_ADAPTER, VITA_CLIP, XCLIP
from .tc_clip import TC_CLIP
from .vclip import FROSTER, OPEN_VCLIP
from .vifi_clip import VIFI_CLIP, VIFI_ZS_EVAL

FORMATS: dict[str, Format] = {
    fmt.name: fmt
    for fmt in (
        *(HF_CLIP, FROSTER, OPEN_VCLIP, TC_CLIP, VIFI_CLIP, VIFI_ZS_EVAL),
        *(VITA_CLIP, ST_ADAPTER, XCLIP, OPEN_CLIP, OPENAI),
    )
}
"""Formats by name, in the order in which they are recognised."""

_VISION = re.compile(
    r'backbone\.(class_embedding|positional_embedding|conv1\.weight|'
    r'ln_(pre|post)\.\w+|transformer\.resblocks\.\d+\.'
    r'(ln_[12]\.\w+|attn\.in_proj_\w+|attn\.out_proj\.\w+|'
    r'mlp\.c_(fc|proj)\.\w+))'
)


@dataclass
class Conversion:
    """Released weights under our names, and where each key went.

    Attributes:
        format: Where they come from.
        weights: Name in a recognizer to tensor.
        mapped: Key of the file to our name.
        dropped: Key of the file, or entry around the weights, to the reason.
        from_base: Our names of what was taken from CLIP.
        missing: Our names of what is nowhere.
    """

    format: Format
    weights: StateDict
    mapped: dict[str, str] = field(default_factory=dict)
    dropped: dict[str, str] = field(default_factory=dict)
    from_base: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape by our names."""
        return shapes_of(self.weights)


def are_ours(names: Collection[str]) -> bool:
    """Tell whether names are those of a recognizer, here or in MMAction2."""
    return any(name.startswith(('backbone.', 'cls_head.')) for name in names)


def recognise(names: Collection[str]) -> Format | None:
    """Tell the format of a release by names of weights; None if it is none."""
    if are_ours(names):
        return None
    for fmt in FORMATS.values():
        if fmt.recognise(names):
            return fmt
    return None


def find_format(fmt: str, names: Collection[str]) -> Format:
    """Return the format of a name, or of ``'auto'`` by the weights' names.

    Raises:
        ValueError: If the name is unknown, or no format fits.
    """
    if fmt != 'auto':
        if fmt not in FORMATS:
            raise ValueError(
                f'fmt {fmt!r} is none of {["auto", *sorted(FORMATS)]}'
            )
        return FORMATS[fmt]
    found = recognise(names)
    if are_ours(names):
        raise ValueError(
            'this is a checkpoint of this project or of MMAction2, not a '
            'release: load it with its config, mmovar.apis.init_recognizer('
            'config, checkpoint)'
        )
    if found is None:
        raise ValueError(
            'cannot tell the format of weights named like '
            f'{name_some(names)}; known are {sorted(FORMATS)} (ViTs only)'
        )
    return found


def convert(content: Any, fmt: str = 'auto') -> Conversion:
    """Translate the weights of a release.

    Args:
        content: What the file holds: a state dict, or a checkpoint with one
            in it.
        fmt: A key of :data:`FORMATS`, or ``'auto'``.

    Returns:
        The weights, in float32 where they are stored in less.

    Raises:
        ValueError: If the format is unknown, or keys cannot be accounted
            for; they are named.
    """
    source, dropped = unwrap(content)
    label = converted_label(content)
    if label is not None:
        _require_same(fmt, label['format'])
        own = {name: name for name in source}
        return Conversion(FORMATS[label['format']], source, own, dropped)
    found = find_format(fmt, source)
    renamed: StateDict = {}
    mapped: dict[str, str] = {}
    unknown = []
    for name, value in source.items():
        reason = found.reason_to_drop(name)
        ours = found.rename(name)
        if reason is not None:
            dropped[name] = reason
        elif ours is None:
            unknown.append(name)
        elif ours in renamed:
            raise ValueError(f'{name} and another key both are {ours}')
        else:
            renamed[ours], mapped[name] = _full(value), found.place(ours)
    if unknown:
        raise ValueError(
            f'{len(unknown)} of {len(source)} keys are not known in the '
            f'format {found.name!r}: {name_some(unknown)}. Name another '
            'format, or leave them out of the weights if you know that '
            'nothing reads them'
        )
    return Conversion(found, found.rebuild(renamed), mapped, dropped)


def converted_label(content: Any) -> dict[str, Any] | None:
    """Read what a converted file says of its origin; None if it is none.

    Returns:
        ``format`` and ``quick_gelu``.
    """
    meta = content.get('meta') if isinstance(content, Mapping) else None
    label = meta.get('released') if isinstance(meta, Mapping) else None
    if isinstance(label, Mapping) and label.get('format') in FORMATS:
        return dict(label)
    return None


def _require_same(fmt: str, found: str) -> None:
    if fmt not in ('auto', 'mmovar', found):
        raise ValueError(
            f'fmt is {fmt!r}, but the file was converted from {found!r}'
        )


def convert_clip(content: Any) -> StateDict:
    """Translate weights of CLIP, all or some of them.

    Args:
        content: In one of the formats of CLIP.

    Raises:
        ValueError: If they are none of these.
    """
    names = unwrap(content)[0]
    fmt = 'hf_clip' if HF_CLIP.recognise(names) else 'open_clip'
    try:
        return convert(content, fmt).weights
    except ValueError as error:
        raise ValueError(f'base is no file of CLIP: {error}') from error


def clip_part(name: str) -> str:
    """Tell which part of CLIP a weight belongs to, or 'more than CLIP'.

    A release has all or nothing of a part: what lacks half of one is broken,
    not to be completed from CLIP.
    """
    if name == TOKEN_TABLE:
        return 'token table'
    if name.startswith(TEXT_TOWER):
        return 'text tower'
    if name == 'backbone.proj':
        return 'projection'
    if name == 'cls_head.logit_scale':
        return 'temperature'
    return 'vision tower' if _VISION.fullmatch(name) else 'more than CLIP'


def require_fit(
    conversion: Conversion,
    expected: Mapping[str, tuple[int, ...]],
    source: str = 'the weights',
    may_lack: Collection[str] = (),
) -> None:
    """Compare with the weights of the model that is built.

    Args:
        conversion: Its ``missing`` is filled.
        expected: Shape by name.
        source: Name of the file, for the error.
        may_lack: Parts of CLIP that may be missing, see :func:`clip_part`.

    Raises:
        ValueError: If something is missing, has no place or another shape.
    """
    missing, unexpected, misshaped = misfits(conversion.shapes, expected)
    conversion.missing = missing
    names = {ours: theirs for theirs, ours in conversion.mapped.items()}
    names |= {name: f'{name} of base' for name in conversion.from_base}
    problems = describe_misfits(
        [name for name in missing if clip_part(name) not in may_lack],
        [names.get(name, name) for name in unexpected],
        [
            ' '.join([names.get(n, n), *rest])
            for n, *rest in map(str.split, misshaped)
        ],
    )
    if problems:
        raise ValueError(
            f'{source} ({conversion.format.name}): keys do not fit the model: '
            f'{problems}. The file is truncated, or of another format or model'
        )


def absent_parts(
    conversion: Conversion, expected: Collection[str]
) -> set[str]:
    """Name the parts of CLIP that a release has nothing of."""
    owned = {clip_part(name) for name in conversion.weights}
    return {clip_part(name) for name in expected} - owned - {'more than CLIP'}


def _full(value: Tensor) -> Tensor:
    """Return float32 where the weight is stored in half precision."""
    half = value.dtype in (torch.float16, torch.bfloat16)
    return value.float() if half else value
