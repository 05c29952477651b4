"""A local web page on which models are tried out."""

from .demo import Answer, Demo
from .models import DemoModel, ModelSource, load_models
from .page import build_page, serve
from .video_limits import VideoLimits

__all__ = [
    'Answer',
    'Demo',
    'DemoModel',
    'ModelSource',
    'VideoLimits',
    'build_page',
    'load_models',
    'serve',
]
