"""Hooks, registered in MMAction2's ``HOOKS``."""

from .checkpoint_hook import CheckpointHook
from .class_similarity_hook import ClassSimilarityHook
from .clip_picture_hook import ClipPictureHook
from .compile_hook import CompileHook
from .epoch_seed_hook import EpochSeedHook
from .gwa_hook import GWAHook
from .iwr_hook import IWRHook
from .parameter_count_hook import ParameterCountHook
from .prepare_checkpoint_hook import PrepareCheckpointHook
from .record_hook import RecordHook
from .skip_non_finite_hook import SkipNonFiniteHook
from .swa_hook import SWAHook
from .unreadable_video_hook import UnreadableVideoHook
from .vocabulary_hook import VocabularyHook
from .watch_hook import WatchHook
from .weight_patch_hook import WeightPatchHook
from .work_dir_lock_hook import WorkDirLockHook

__all__ = [
    'CheckpointHook',
    'ClassSimilarityHook',
    'ClipPictureHook',
    'CompileHook',
    'EpochSeedHook',
    'GWAHook',
    'IWRHook',
    'ParameterCountHook',
    'PrepareCheckpointHook',
    'RecordHook',
    'SWAHook',
    'SkipNonFiniteHook',
    'UnreadableVideoHook',
    'VocabularyHook',
    'WatchHook',
    'WeightPatchHook',
    'WorkDirLockHook',
]
