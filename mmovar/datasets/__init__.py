"""Annotation lists, video dataset with class names, transforms."""

from mmovar.datasets.annotation_list import read_annotation_list
from mmovar.datasets.caption_dataset import CaptionDataset
from mmovar.datasets.hat_dataset import HATDataset
from mmovar.datasets.mini import RandomShift
from mmovar.datasets.open_vocabulary_dataset import OpenVocabularyDataset
from mmovar.datasets.samplers import (
    DisjointClassBatchSampler,
    SimilarClassBatchSampler,
)
from mmovar.datasets.scuba_dataset import SCUBADataset
from mmovar.datasets.sources import SOURCES, Source, resolve_source
from mmovar.datasets.transforms import (
    ClipColorJitter,
    ClipRandAugment,
    FrameColorJitter,
    KeepPeople,
    OpenFrames,
    RandomGray,
    ReadFrames,
    RepeatOneFrame,
    SegmentSample,
    ShuffleFrames,
    SwapBackground,
)
from mmovar.datasets.video_locator import locate_videos

__all__ = [
    'CaptionDataset',
    'ClipColorJitter',
    'ClipRandAugment',
    'DisjointClassBatchSampler',
    'FrameColorJitter',
    'HATDataset',
    'KeepPeople',
    'OpenFrames',
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
]
