"""Augmentation that a resumed run repeats."""

from collections.abc import Iterator
from typing import Any

from mmaction.registry import HOOKS
from mmengine.hooks import Hook
from mmengine.runner import EpochBasedTrainLoop, Runner


@HOOKS.register_module()
class EpochSeedHook(Hook):
    """Tell the training data the epoch and the seed of the run.

    MMEngine's checkpoints hold no random state, so a resumed run would
    augment otherwise than an uninterrupted one. Datasets with ``set_epoch``
    (:class:`OpenVocabularyDataset`, also inside wrappers) seed the random
    numbers of each item from what they are told here.

    Iteration-based training has no epochs that could vary the augmentation;
    there the hook does nothing.
    """

    def before_train_epoch(self, runner: Runner) -> None:
        """Call ``set_epoch`` of every training dataset that has it."""
        if not isinstance(runner.train_loop, EpochBasedTrainLoop):
            return
        for dataset in _unwrap(runner.train_dataloader.dataset):
            if hasattr(dataset, 'set_epoch'):
                dataset.set_epoch(runner.epoch, seed=runner.seed)


def _unwrap(dataset: Any) -> Iterator[Any]:
    """Yield the dataset and those that it wraps or joins."""
    yield dataset
    inner = getattr(dataset, 'datasets', None) or [
        getattr(dataset, 'dataset', None)
    ]
    for wrapped in inner:
        if wrapped is not None:
            yield from _unwrap(wrapped)
