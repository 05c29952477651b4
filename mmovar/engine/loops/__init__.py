"""Loops, registered in MMAction2's ``LOOPS``."""

from .benchmark_test_loop import BenchmarkTestLoop
from .cross_batch_train_loop import CrossBatchTrainLoop

__all__ = ['BenchmarkTestLoop', 'CrossBatchTrainLoop']
