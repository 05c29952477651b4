"""Context tokens: which tokens of a video are summarised, and how."""

from .contextualizer import Contextualizer

__all__ = ['Contextualizer']
