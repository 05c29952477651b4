"""Where weights lie: a file, a folder of the hubs, or a tag of open_clip."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mmovar.clip import clip_config
from mmovar.clip.download import download_tag, is_tag
from mmovar.clip.weight_files import read_weight_file

_HUB_FILES = (
    *('model.safetensors', 'pytorch_model.bin'),
    *('open_clip_model.safetensors', 'open_clip_pytorch_model.bin'),
)
_NAMES = {  # width, patch and image size of the models of OpenAI
    (768, 32, 224): 'ViT-B-32-quickgelu',
    (768, 16, 224): 'ViT-B-16-quickgelu',
    (1024, 14, 224): 'ViT-L-14-quickgelu',
    (1024, 14, 336): 'ViT-L-14-336-quickgelu',
}


def read_clip_source(
    source: str | Path,
    trust: bool = False,
    shapes: Mapping[str, tuple[int, ...]] | None = None,
) -> Any:
    """Read weights from a file, a folder, or a tag of open_clip.

    Args:
        source: A file; a folder with one of the files of Hugging Face or
            open_clip; or, with ``shapes``, a tag such as ``'openai'``.
        trust: Whether a file may hold more than weights.
        shapes: Shapes of a recognizer, which tell the model of a tag.

    Returns:
        What the file holds.

    Raises:
        FileNotFoundError: If it is none of these.
    """
    path = Path(source)
    if path.is_dir():
        return read_weight_file(_file_in(path), trust)
    if shapes is not None and not path.is_file():
        name = _name_of(shapes)
        config = clip_config(name) if name else None
        if config is not None and is_tag(str(source), config):
            return read_weight_file(download_tag(str(source), config))
    return read_weight_file(path, trust)


def activation_of(source: str | Path) -> bool | None:
    """Tell whether a folder of the hubs says QuickGELU.

    Args:
        source: A folder with ``config.json`` of Hugging Face or
            ``open_clip_config.json``; anything else says nothing.

    Returns:
        True for QuickGELU, False for GELU, None if nothing is said.

    Raises:
        ValueError: If the activation is neither.
    """
    folder = Path(source)
    settings = folder / 'config.json'
    if settings.is_file():
        config = json.loads(settings.read_text(encoding='utf-8'))
        act = config.get('vision_config', {}).get('hidden_act')
        if act not in ('quick_gelu', 'gelu', None):
            raise ValueError(
                f"{settings}: hidden_act {act!r} is neither 'quick_gelu' nor "
                "'gelu'"
            )
        return None if act is None else act == 'quick_gelu'
    settings = folder / 'open_clip_config.json'
    if settings.is_file():
        config = json.loads(settings.read_text(encoding='utf-8'))
        return bool(config.get('model_cfg', {}).get('quick_gelu', False))
    return None


def _file_in(folder: Path) -> Path:
    for name in _HUB_FILES:
        if (folder / name).is_file():
            return folder / name
    raise FileNotFoundError(f'{folder} holds none of {_HUB_FILES}')


def _name_of(shapes: Mapping[str, tuple[int, ...]]) -> str | None:
    """Name the model that a text tower or a vision tower is of."""
    conv = shapes.get('backbone.conv1.weight')
    table = shapes.get('backbone.positional_embedding')
    if conv is None or table is None:
        return None
    side = round((table[0] - 1) ** 0.5) * conv[-1]
    return _NAMES.get((conv[0], conv[-1], side))
