"""Text heads, registered in MMAction2's ``MODELS``."""

from .froster_text_head import FROSTERTextHead
from .learnable_prompt_text_head import LearnablePromptTextHead
from .prompt_generator import PromptGenerator
from .text_head import TextHead
from .video_conditional_text_head import VideoConditionalTextHead
from .video_specific_text_head import VideoSpecificTextHead

__all__ = [
    'FROSTERTextHead',
    'LearnablePromptTextHead',
    'PromptGenerator',
    'TextHead',
    'VideoConditionalTextHead',
    'VideoSpecificTextHead',
]
