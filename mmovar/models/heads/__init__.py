"""Text heads, registered in MMAction2's ``MODELS``."""

from .a5_text_head import A5TextHead
from .actionclip_text_head import ActionCLIPTextHead
from .froster_text_head import FROSTERTextHead
from .late_fusion_text_head import LateFusionTextHead
from .learnable_prompt_text_head import LearnablePromptTextHead
from .prompt_generator import PromptGenerator
from .text_head import TextHead
from .video_conditional_text_head import VideoConditionalTextHead
from .video_specific_text_head import VideoSpecificTextHead

__all__ = [
    'A5TextHead',
    'ActionCLIPTextHead',
    'FROSTERTextHead',
    'LateFusionTextHead',
    'LearnablePromptTextHead',
    'PromptGenerator',
    'TextHead',
    'VideoConditionalTextHead',
    'VideoSpecificTextHead',
]
