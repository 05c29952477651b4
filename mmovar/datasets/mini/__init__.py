"""The embedded benchmark: rendered videos and a tiny CLIP, from nothing."""

from .random_shift import RandomShift

__all__ = ['RandomShift']
