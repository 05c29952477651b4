"""Text heads, registered in MMAction2's ``MODELS``."""

from .froster_text_head import FROSTERTextHead
from .text_head import TextHead

__all__ = ['FROSTERTextHead', 'TextHead']
