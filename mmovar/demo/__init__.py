"""A local web page on which models are tried out."""

from .demo import Answer, Demo
from .models import DemoModel, ModelSource, load_models
from .page import build_page
from .question_limits import QuestionLimits
from .server import serve
from .video_limits import VideoLimits

__all__ = [
    'Answer',
    'Demo',
    'DemoModel',
    'ModelSource',
    'QuestionLimits',
    'VideoLimits',
    'build_page',
    'load_models',
    'serve',
]
