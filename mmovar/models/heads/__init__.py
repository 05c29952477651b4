"""Text heads, registered in MMAction2's ``MODELS``."""

from .froster_text_head import FROSTERTextHead
from .prompt_generator import PromptGenerator
from .text_head import TextHead
from .video_specific_text_head import VideoSpecificTextHead

__all__ = [
    'FROSTERTextHead',
    'PromptGenerator',
    'TextHead',
    'VideoSpecificTextHead',
]
