"""Annotation lists, video dataset with class names, transforms."""

from mmovar.datasets.annotation_list import read_annotation_list
from mmovar.datasets.caption_dataset import CaptionDataset
from mmovar.datasets.mini import RandomShift
from mmovar.datasets.open_vocabulary_dataset import OpenVocabularyDataset
from mmovar.datasets.samplers import (
    DisjointClassBatchSampler,
    SimilarClassBatchSampler,
)
from mmovar.datasets.transforms import (
    ClipColorJitter,
    ClipRandAugment,
    FrameColorJitter,
    RandomGray,
    SegmentSample,
    ShuffleFrames,
)
from mmovar.datasets.video_locator import locate_videos

__all__ = [
    'CaptionDataset',
    'ClipColorJitter',
    'ClipRandAugment',
    'DisjointClassBatchSampler',
    'FrameColorJitter',
    'OpenVocabularyDataset',
    'RandomGray',
    'RandomShift',
    'SegmentSample',
    'ShuffleFrames',
    'SimilarClassBatchSampler',
    'locate_videos',
    'read_annotation_list',
]
