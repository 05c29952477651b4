"""Where weights lie: a file, a folder of the hubs, or a tag of open_clip."""

import json
from pathlib import Path
from typing import Any

from .config import CLIPConfig

_OPEN_CLIP_FILES = (
    'open_clip_model.safetensors',
    'open_clip_pytorch_model.safetensors',
    'open_clip_pytorch_model.bin',
)
_HUB_FILES = ('model.safetensors', 'pytorch_model.bin', *_OPEN_CLIP_FILES)
_TIMEOUT_S = 5.0


def resolve(source: str | Path, config: CLIPConfig | None = None) -> Path:
    """Find the file of weights behind what a user names.

    Args:
        source: A file, a folder with one of the files of Hugging Face or
            open_clip, or a tag of open_clip, which is downloaded if need be.
        config: The model of a tag; without it there are no tags.

    Raises:
        FileNotFoundError: If it is none of these, or cannot be downloaded.
        ValueError: If the tag's weights use the other activation.
    """
    path = Path(source)
    if path.is_dir():
        for name in _HUB_FILES:
            if (path / name).is_file():
                return path / name
        raise FileNotFoundError(f'{path} holds none of {_HUB_FILES}')
    if path.exists():
        return path
    if config is None:
        raise FileNotFoundError(f'there is no weight file {str(source)!r}')
    if is_tag(str(source), config):
        return download_tag(str(source), config)
    raise FileNotFoundError(
        f'{str(source)!r} is no file, and open_clip has no such tag for '
        f'{config.name!r}'
    )


def activation_of(source: str | Path) -> bool | None:
    """Tell whether a folder of the hubs says QuickGELU.

    Args:
        source: A folder with ``config.json`` of Hugging Face or
            ``open_clip_config.json``, or the file of weights in it, under
            the name that the hubs use; anything else says nothing.

    Returns:
        True for QuickGELU, False for GELU, None if nothing is said.

    Raises:
        ValueError: If the activation is neither.
    """
    folder = Path(source)
    if folder.name in _HUB_FILES:
        folder = folder.parent
    settings = folder / 'config.json'
    vision = _read_json(settings).get('vision_config')
    if vision is not None:
        act = vision.get('hidden_act', 'quick_gelu')  # as transformers does
        if act not in ('quick_gelu', 'gelu'):
            raise ValueError(
                f"{settings}: hidden_act {act!r} is neither 'quick_gelu' nor "
                "'gelu'"
            )
        return act == 'quick_gelu'
    model = _read_json(folder / 'open_clip_config.json')
    return bool(model['model_cfg'].get('quick_gelu')) if model else None


def _read_json(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    return json.loads(path.read_text(encoding='utf-8'))


def is_tag(tag: str, config: CLIPConfig) -> bool:
    """Tell whether open_clip has a tag for this model."""
    return bool(_tag_settings(tag, config))


def download_tag(tag: str, config: CLIPConfig) -> Path:
    """Get the file behind a tag of open_clip, downloading it if need be.

    Args:
        tag: A tag of the model, such as ``'openai'``.
        config: The model.

    Returns:
        The file in the cache.

    Raises:
        ValueError: If the tag's weights use the other activation.
        FileNotFoundError: If the file is not cached and the download fails;
            without a network this takes seconds.
    """
    settings = _tag_settings(tag, config)
    if settings.get('quick_gelu', False) != config.quick_gelu:
        suffix = '-quickgelu'
        other = config.name.removesuffix(suffix)
        other += suffix if settings.get('quick_gelu', False) else ''
        raise ValueError(
            f'the weights {tag!r} need arch {other!r}, got {config.name!r}: '
            'the two differ in their activation (QuickGELU or GELU)'
        )
    cached = _find_cached(settings)
    return cached if cached else _download(tag, config, settings)


def _tag_settings(tag: str, config: CLIPConfig) -> dict[str, Any]:
    from open_clip.pretrained import get_pretrained_cfg

    return get_pretrained_cfg(config.name, tag)


def _find_cached(settings: dict[str, Any]) -> Path | None:
    from huggingface_hub import try_to_load_from_cache

    repository, _, name = settings.get('hf_hub', '').rpartition('/')
    for file in (name,) if name else _OPEN_CLIP_FILES:
        found = repository and try_to_load_from_cache(repository, file)
        if isinstance(found, str):
            return Path(found)
    return None


def _download(tag: str, config: CLIPConfig, settings: dict[str, Any]) -> Path:
    from huggingface_hub import HfApi
    from open_clip.pretrained import download_pretrained

    repository = settings.get('hf_hub', '').rpartition('/')[0]
    # the clients' exception types change with their versions
    try:
        if repository:
            # one short request first: the download itself retries for long
            HfApi().model_info(repository, timeout=_TIMEOUT_S)
        return Path(download_pretrained(settings))
    except Exception as error:
        raise FileNotFoundError(
            f'cannot download the weights {tag!r} of {config.name!r} '
            f'({repository or settings.get("url")}: {error}). On a machine '
            'without a network give a local file instead, '
            "weights='/path/to/ViT-B-16.pt' (OpenAI, open_clip, safetensors "
            'or Hugging Face)'
        ) from error
