"""Transforms on the frames of a clip."""

from mmovar.datasets.transforms.clip_color_jitter import ClipColorJitter
from mmovar.datasets.transforms.clip_rand_augment import ClipRandAugment
from mmovar.datasets.transforms.frame_color_jitter import FrameColorJitter
from mmovar.datasets.transforms.random_gray import RandomGray
from mmovar.datasets.transforms.segment_sample import SegmentSample
from mmovar.datasets.transforms.shuffle_frames import ShuffleFrames

__all__ = [
    'ClipColorJitter',
    'ClipRandAugment',
    'FrameColorJitter',
    'RandomGray',
    'SegmentSample',
    'ShuffleFrames',
]
