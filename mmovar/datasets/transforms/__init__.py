"""Transforms on the frames of a clip."""

from .clip_color_jitter import ClipColorJitter
from .clip_rand_augment import ClipRandAugment
from .dense_clip_sample import DenseClipSample
from .frame_color_jitter import FrameColorJitter
from .keep_people import KeepPeople
from .open_frames import OpenFrames
from .open_packed import OpenPacked
from .random_gray import RandomGray
from .random_shift import RandomShift
from .read_frames import ReadFrames
from .repeat_one_frame import RepeatOneFrame
from .segment_sample import SegmentSample
from .shuffle_frames import ShuffleFrames
from .swap_background import SwapBackground
from .video_decode import VideoDecode
from .video_init import VideoInit

__all__ = [
    'ClipColorJitter',
    'ClipRandAugment',
    'DenseClipSample',
    'FrameColorJitter',
    'KeepPeople',
    'OpenFrames',
    'OpenPacked',
    'RandomGray',
    'RandomShift',
    'ReadFrames',
    'RepeatOneFrame',
    'SegmentSample',
    'ShuffleFrames',
    'SwapBackground',
    'VideoDecode',
    'VideoInit',
]
