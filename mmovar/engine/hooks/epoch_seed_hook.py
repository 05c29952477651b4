"""Augmentation that a resumed run repeats."""

from collections.abc import Iterable, Iterator
from typing import Any

from mmaction.registry import HOOKS
from mmengine.hooks import Hook
from mmengine.runner import EpochBasedTrainLoop, Runner

from ..interfaces import SeededByEpoch
from ..unwrap_model import unwrap_model


@HOOKS.register_module()
class EpochSeedHook(Hook):
    """Seed data sets and blending by the epoch and the seed of the run.

    MMEngine's checkpoints hold no random state, so a resumed run would
    augment otherwise than an uninterrupted one. Datasets with ``set_epoch``
    (:class:`OpenVocabularyDataset`, also inside wrappers) seed the random
    numbers of each item from what they are told here, a ``blending`` of the
    data preprocessor with ``set_epoch`` (:class:`MixupCutmix`) those of each
    batch. Validation and test always have the numbers of epoch 0, so that
    random views of a video do not depend on workers or on the training.

    Iteration-based training has no epochs that could vary the augmentation;
    there the hook does nothing.
    """

    def before_train_epoch(self, runner: Runner) -> None:
        """Call ``set_epoch`` of all training data and of the blending."""
        if not isinstance(runner.train_loop, EpochBasedTrainLoop):
            return
        model = unwrap_model(runner.model)
        preprocessor = getattr(model, 'data_preprocessor', None)
        _set_epoch(
            [
                *_unwrap(runner.train_dataloader.dataset),
                getattr(preprocessor, 'blending', None),
            ],
            runner.epoch,
            runner.seed,
        )

    def before_val_epoch(self, runner: Runner) -> None:
        """Call ``set_epoch`` of the validation data."""
        _set_epoch(_unwrap(runner.val_dataloader.dataset), 0, runner.seed)

    def before_test_epoch(self, runner: Runner) -> None:
        """Call ``set_epoch`` of the test data."""
        _set_epoch(_unwrap(runner.test_dataloader.dataset), 0, runner.seed)


def _set_epoch(targets: Iterable[Any], epoch: int, seed: int) -> None:
    for target in targets:
        if isinstance(target, SeededByEpoch):
            target.set_epoch(epoch, seed=seed)


def _unwrap(dataset: Any) -> Iterator[Any]:
    """Yield the dataset and those that it wraps or joins."""
    yield dataset
    inner = getattr(dataset, 'datasets', None) or [
        getattr(dataset, 'dataset', None)
    ]
    for wrapped in inner:
        if wrapped is not None:
            yield from _unwrap(wrapped)
