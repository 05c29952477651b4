"""Text heads, registered in MMAction2's ``MODELS``."""

from .text_head import TextHead

__all__ = ['TextHead']
