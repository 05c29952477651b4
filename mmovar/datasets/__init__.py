"""Annotation lists, video dataset with class names, transforms."""

from .annotation_list import read_annotation_list
from .caption_dataset import CaptionDataset
from .hat_dataset import HATDataset
from .io.video_locator import locate_videos
from .open_vocabulary_dataset import OpenVocabularyDataset
from .samplers import DisjointClassBatchSampler, SimilarClassBatchSampler
from .scuba_dataset import SCUBADataset
from .sources import SOURCES, Source, resolve_source
from .stack_clips import stack_clips
from .transforms import (
    ClipColorJitter,
    ClipRandAugment,
    DenseClipSample,
    FrameColorJitter,
    KeepPeople,
    OpenFrames,
    OpenPacked,
    RandomGray,
    RandomShift,
    ReadFrames,
    RepeatOneFrame,
    SegmentSample,
    ShuffleFrames,
    SwapBackground,
)

__all__ = [
    'CaptionDataset',
    'ClipColorJitter',
    'ClipRandAugment',
    'DisjointClassBatchSampler',
    'DenseClipSample',
    'FrameColorJitter',
    'HATDataset',
    'KeepPeople',
    'OpenFrames',
    'OpenPacked',
    'OpenVocabularyDataset',
    'RandomGray',
    'RandomShift',
    'ReadFrames',
    'RepeatOneFrame',
    'SCUBADataset',
    'SOURCES',
    'SegmentSample',
    'ShuffleFrames',
    'SimilarClassBatchSampler',
    'Source',
    'SwapBackground',
    'locate_videos',
    'read_annotation_list',
    'resolve_source',
    'stack_clips',
]
