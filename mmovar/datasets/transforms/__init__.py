"""Transforms on the frames of a clip."""

from mmovar.datasets.transforms.clip_color_jitter import ClipColorJitter
from mmovar.datasets.transforms.shuffle_frames import ShuffleFrames

__all__ = ['ClipColorJitter', 'ShuffleFrames']
