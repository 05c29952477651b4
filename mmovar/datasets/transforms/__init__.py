"""Transforms on the frames of a clip."""

from mmovar.datasets.transforms.clip_color_jitter import ClipColorJitter
from mmovar.datasets.transforms.clip_rand_augment import ClipRandAugment
from mmovar.datasets.transforms.frame_color_jitter import FrameColorJitter
from mmovar.datasets.transforms.keep_people import KeepPeople
from mmovar.datasets.transforms.open_frames import OpenFrames
from mmovar.datasets.transforms.random_gray import RandomGray
from mmovar.datasets.transforms.read_frames import ReadFrames
from mmovar.datasets.transforms.repeat_one_frame import RepeatOneFrame
from mmovar.datasets.transforms.segment_sample import SegmentSample
from mmovar.datasets.transforms.shuffle_frames import ShuffleFrames
from mmovar.datasets.transforms.swap_background import SwapBackground

__all__ = [
    'ClipColorJitter',
    'ClipRandAugment',
    'FrameColorJitter',
    'KeepPeople',
    'OpenFrames',
    'RandomGray',
    'ReadFrames',
    'RepeatOneFrame',
    'SegmentSample',
    'ShuffleFrames',
    'SwapBackground',
]
