"""Sizes of a CLIP model, in open_clip's terms."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

HEAD_WIDTH = 64
"""Channels of a head, unless a model says otherwise."""

PIXEL_MEAN = (122.7709383, 116.7460125, 104.09373615)
PIXEL_STD = (68.5005327, 66.6321579, 70.32316305)
"""Statistics (R, G, B) that CLIP normalises with, of pixels in 0..255."""

_VISION_KEYS = {'image_size', 'patch_size', 'width', 'layers', 'head_width'}
_TEXT_KEYS = {'context_length', 'vocab_size', 'width', 'heads', 'layers'}
_TOP_KEYS = {'embed_dim', 'quick_gelu', 'vision_cfg', 'text_cfg'}


@dataclass(frozen=True)
class VisionConfig:
    """Sizes of the vision tower; ``image_size`` and ``patch_size`` in px."""

    image_size: int
    patch_size: int
    width: int
    layers: int
    heads: int

    @property
    def num_tokens(self) -> int:
        """Tokens of a frame: the class token and the patches."""
        return (self.image_size // self.patch_size) ** 2 + 1


@dataclass(frozen=True)
class TextConfig:
    """Sizes of the text tower; ``context_length`` in tokens."""

    context_length: int
    vocab_size: int
    width: int
    heads: int
    layers: int


@dataclass(frozen=True)
class CLIPConfig:
    """Sizes of both towers and what they share."""

    name: str
    embed_dim: int
    quick_gelu: bool
    vision: VisionConfig
    text: TextConfig


Arch = str | Mapping[str, Any] | CLIPConfig


def clip_config(arch: Arch) -> CLIPConfig:
    """Read the sizes of a CLIP model.

    Args:
        arch: Name of an open_clip model (``'ViT-B-16-quickgelu'``), a dict in
            the form of open_clip's json files, or a ready ``CLIPConfig``. A
            dict may leave out ``quick_gelu`` (False), ``head_width`` (64) and
            ``vocab_size`` (49408).

    Returns:
        The sizes.

    Raises:
        KeyError: If open_clip has no model of that name.
        ValueError: If the model is no plain CLIP ViT, or sizes do not fit.
    """
    if isinstance(arch, CLIPConfig):
        return arch
    if isinstance(arch, str):
        import open_clip

        model = open_clip.get_model_config(arch)
        if model is None:
            raise KeyError(
                f'open_clip has no model {arch!r}; its plain ViTs are '
                "'ViT-B-32', 'ViT-B-16', 'ViT-L-14', 'ViT-L-14-336' and their "
                "'-quickgelu' forms (the form for OpenAI's weights)"
            )
        return _from_dict(model, arch)
    return _from_dict(arch, 'custom')


def _from_dict(model: Mapping[str, Any], name: str) -> CLIPConfig:
    vision, text = dict(model['vision_cfg']), dict(model['text_cfg'])
    unknown = [
        *(set(model) - _TOP_KEYS),
        *(set(vision) - _VISION_KEYS),
        *(set(text) - _TEXT_KEYS),
    ]
    if unknown or isinstance(vision['layers'], (list, tuple)):
        raise ValueError(
            f'{name} is not a plain CLIP ViT: unsupported '
            f'{sorted(unknown) or "ResNet tower"}'
        )
    head_width = vision.pop('head_width', HEAD_WIDTH)
    if vision['width'] % head_width:
        raise ValueError(
            f'vision width {vision["width"]} of {name} is no multiple of '
            f'head_width {head_width}'
        )
    if text['width'] % text['heads']:
        raise ValueError(
            f'text width {text["width"]} of {name} is no multiple of '
            f'heads {text["heads"]}'
        )
    return CLIPConfig(
        name=name,
        embed_dim=model['embed_dim'],
        quick_gelu=model.get('quick_gelu', False),
        vision=VisionConfig(heads=vision['width'] // head_width, **vision),
        text=TextConfig(**{'vocab_size': 49408, **text}),
    )
