"""Recognizers, registered in MMAction2's ``MODELS``."""

from .clip_ensemble import CLIPEnsemble
from .clip_recognizer import CLIPRecognizer

__all__ = ['CLIPEnsemble', 'CLIPRecognizer']
