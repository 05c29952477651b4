"""Hooks, registered in MMAction2's ``HOOKS``."""

from .epoch_seed_hook import EpochSeedHook
from .gaussian_weight_average import GaussianWeightAverage
from .gwa_hook import GWAHook
from .swa_hook import SWAHook
from .unreadable_video_hook import UnreadableVideoHook
from .vocabulary_hook import VocabularyHook

__all__ = [
    'EpochSeedHook',
    'GWAHook',
    'GaussianWeightAverage',
    'SWAHook',
    'UnreadableVideoHook',
    'VocabularyHook',
]
