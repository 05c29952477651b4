"""Loops, registered in MMAction2's ``LOOPS``."""

from .benchmark_test_loop import BenchmarkTestLoop
from .cross_batch_train_loop import CrossBatchTrainLoop
from .open_vocabulary_loops import (
    OpenVocabularyTrainLoop,
    OpenVocabularyValLoop,
)

__all__ = [
    'BenchmarkTestLoop',
    'CrossBatchTrainLoop',
    'OpenVocabularyTrainLoop',
    'OpenVocabularyValLoop',
]
