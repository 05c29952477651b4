"""A local web page on which models are tried out."""

from .demo import Answer, Demo
from .limits import Limits
from .models import DemoModel, ModelSource, load_models
from .page import build_page
from .server import serve

__all__ = [
    'Answer',
    'Demo',
    'DemoModel',
    'Limits',
    'ModelSource',
    'build_page',
    'load_models',
    'serve',
]
