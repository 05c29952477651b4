"""open_clip's weight tags: looked up, taken from the cache or downloaded."""

from pathlib import Path
from typing import Any

from .config import CLIPConfig

_HUB_FILES = (
    'open_clip_model.safetensors',
    'open_clip_pytorch_model.safetensors',
    'open_clip_pytorch_model.bin',
)
_TIMEOUT_S = 5.0


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
    for file in (name,) if name else _HUB_FILES:
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
