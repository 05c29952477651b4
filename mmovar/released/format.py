"""What a format of released weights declares."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import torch

from mmovar.clip.config import PIXEL_MEAN, PIXEL_STD
from mmovar.clip.hf_format import StateDict, rename

Shapes = Mapping[str, tuple[int, ...]]

TEXT_TOWER = 'cls_head.text_encoder.'
TOKEN_TABLE = f'{TEXT_TOWER}token_embedding.weight'
# where a CLIP text tower without prefix lies
TEXT = (
    r'(positional_embedding|text_projection|token_embedding\.weight|'
    r'ln_final\.\w+|transformer\.resblocks\.\d+\..+)'
)
CLIP_RENAMES = (
    (r'visual\.(.+)', r'backbone.\1'),
    (TEXT, r'cls_head.text_encoder.\1'),
    (r'logit_scale', r'cls_head.logit_scale'),
)
"""OpenAI's names, which open_clip has too, to those of a recognizer."""

TRAINING_CLASSES = 'a buffer of the class names of training'

IMAGENET = dict(mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375])
CLIP = dict(mean=[*PIXEL_MEAN], std=[*PIXEL_STD])


@dataclass(frozen=True)
class LoadOptions:
    """What the user wants of a release, beside its weights.

    Attributes:
        classnames: Names in the order of the scores; empty for none yet.
        num_frames: Frames T of a clip; None takes those of the release.
        templates: In place of those of the release; None keeps those.
        quick_gelu: Activation; None takes that of the release.
    """

    classnames: tuple[str, ...] = ()
    num_frames: int | None = 8
    templates: Any = None
    quick_gelu: bool | None = None


@dataclass(frozen=True)
class Format:
    r"""A format of released weights.

    Names are those after wrappers (``module.``, the dict around the weights)
    are taken off, see :func:`mmovar.clip.containers.unwrap`.

    Attributes:
        name: Key in :data:`mmovar.released.FORMATS`.
        title: Method and container, for people.
        licence: Remark on the licence of the release.
        recognise: Tells the format by the names of the weights.
        renames: Pairs of a pattern that fits a whole name, and the name in a
            recognizer of this project. The first that fits counts.
        drops: Pairs of a pattern and the reason why it is not needed; looked
            at before ``renames``.
        model: Makes the config of the recognizer from the shapes under our
            names.
        packed: Where ``q_proj``, ``k_proj`` and ``v_proj`` become
            ``in_proj``, as a pattern on our names.
        transposed: Our names of what is stored transposed.
        stacked: Our name of a tensor whose first dimension is the layer, to
            that of a layer with ``{}``.
        notes: What differs from the paper or from correct data.
    """

    name: str
    title: str
    licence: str
    recognise: Callable[[Collection[str]], bool]
    renames: tuple[tuple[str, str], ...]
    model: Callable[[Shapes, LoadOptions], dict[str, Any]]
    drops: tuple[tuple[str, str], ...] = ()
    packed: str | None = None
    transposed: frozenset[str] = frozenset()
    stacked: tuple[str, str] | None = None
    notes: tuple[str, ...] = ()

    def reason_to_drop(self, name: str) -> str | None:
        """Tell why a weight is not needed; None if it is."""
        for pattern, reason in self.drops:
            if re.fullmatch(pattern, name):
                return reason
        return None

    def rename(self, name: str) -> str | None:
        """Translate a name; None if it is unknown."""
        return rename(name, self.renames)

    def place(self, ours: str) -> str:
        """Tell the final name of a translated one: packed, or stacked."""
        if self.stacked and ours == self.stacked[0]:
            return self.stacked[1].format('*')
        part = self._qkv(ours)
        return part.expand(r'\1.in_proj_\3') if part else ours

    def rebuild(self, weights: StateDict) -> StateDict:
        """Pack, split and transpose weights that have been renamed.

        Raises:
            ValueError: If one of query, key and value is missing.
        """
        out: StateDict = {}
        packs: dict[str, StateDict] = {}
        for name, value in weights.items():
            part = self._qkv(name)
            if part:
                packs.setdefault(self.place(name), {})[part[2]] = value
            elif self.stacked and name == self.stacked[0]:
                for i, one in enumerate(value):
                    out[self.stacked[1].format(i)] = one
            else:
                out[name] = value.T if name in self.transposed else value
        for name, qkv in packs.items():
            if len(qkv) < 3:
                raise ValueError(
                    f'{name} needs q_proj, k_proj and v_proj, the file has '
                    f'only {sorted(qkv)}: it is incomplete'
                )
            out[name] = torch.cat([qkv[part] for part in 'qkv'])
        return out

    def _qkv(self, name: str) -> re.Match | None:
        if self.packed is None or not re.match(self.packed, name):
            return None
        return re.fullmatch(r'(.+)\.([qkv])_proj\.(weight|bias)', name)


def starts(*prefixes: str) -> Callable[[Collection[str]], bool]:
    """Recognise names of which one begins with one of the prefixes."""
    return lambda names: any(name.startswith(prefixes) for name in names)
