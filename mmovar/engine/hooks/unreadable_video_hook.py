"""Report broken videos, and stop when there are too many."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from mmaction.registry import HOOKS
from mmengine.dist import all_gather_object
from mmengine.hooks import Hook
from mmengine.runner import Runner


@HOOKS.register_module()
class UnreadableVideoHook(Hook):
    """Name every video that could not be decoded, and count them.

    It reads ``unreadable`` of the data samples, which
    :class:`OpenVocabularyDataset` writes. Each file is logged once. The run
    stops with the list of files as soon as their share of the dataset
    exceeds ``max_share``; the share is that of the whole dataset, also when
    only a part of it has been seen yet.

    With several processes, each counts what it has seen itself during the
    epoch; at the end of the epoch the lists are joined, logged by the first
    process and compared with ``max_share`` again. Files of the training data
    are counted over all epochs, those of validation and test data within
    each pass.

    Args:
        max_share: Largest share of unreadable files of a dataset to go on
            with, in [0, 1]; 0 stops at the first, 1 never.

    Raises:
        ValueError: If ``max_share`` is not in [0, 1].
        RuntimeError: During the run, if more files are unreadable.
    """

    def __init__(self, max_share: float = 0.05) -> None:
        if not 0 <= max_share <= 1:
            raise ValueError(f'max_share must be in [0, 1], got {max_share}')
        self.max_share = max_share
        self._found: dict[str, set[str]] = defaultdict(set)

    def _before_epoch(self, runner: Runner, mode: str = 'train') -> None:
        if mode != 'train':
            self._found[mode].clear()

    def _after_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: Any = None,
        outputs: Any = None,
        mode: str = 'train',
    ) -> None:
        """Collect the unreadable files of a batch."""
        new = set(_unreadable(data_batch)) - self._found[mode]
        if new:
            self._add(runner, mode, new)

    def _after_epoch(self, runner: Runner, mode: str = 'train') -> None:
        """Join the files that the processes have found."""
        found = set().union(*all_gather_object(self._found[mode]))
        self._add(runner, mode, found - self._found[mode])

    def _add(self, runner: Runner, mode: str, files: set[str]) -> None:
        """Log files that are new, and stop if there are too many in all."""
        for file in sorted(files):
            runner.logger.warning(f'unreadable video ({mode}): {file}')
        found = self._found[mode]
        found |= files
        total = len(getattr(runner, f'{mode}_loop').dataloader.dataset)
        if len(found) > self.max_share * total:
            raise RuntimeError(
                f'{len(found)} of {total} videos of the {mode} data are '
                f'unreadable, more than max_share={self.max_share}:\n'
                + '\n'.join(sorted(found))
            )


def _unreadable(data_batch: Any) -> Iterator[str]:
    """Yield the unreadable files of a batch, or of several batches."""
    if isinstance(data_batch, dict):
        for sample in data_batch.get('data_samples') or ():
            path = getattr(sample, 'unreadable', None)
            if path is not None:
                yield path
    elif isinstance(data_batch, (list, tuple)):
        for part in data_batch:
            yield from _unreadable(part)
