"""Report unreadable and damaged videos; stop if many are unreadable."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from mmaction.registry import HOOKS
from mmengine.dist import all_gather_object
from mmengine.hooks import Hook
from mmengine.runner import Runner


@HOOKS.register_module()
class UnreadableVideoHook(Hook):
    """Name every video that could not be decoded, and count them.

    It reads ``unreadable`` and ``unreadable_reason`` of the data samples,
    which :class:`OpenVocabularyDataset` writes. Each file is logged once, and
    so is each one that is ``damaged``, which is scored as it is.
    The run stops with the list of files as soon as their share of the
    dataset exceeds ``max_share``; the share is that of the whole dataset,
    also when only a part of it has been seen yet.

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
        # What to say of each file.
        self._found: dict[str, dict[str, str]] = defaultdict(dict)
        self._damaged: set[str] = set()

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
        """Collect the unreadable and damaged files of a batch."""
        samples = list(_samples(data_batch))
        self._add(runner, mode, dict(_unreadable(samples)))
        self._add_damaged(
            runner, (getattr(sample, 'damaged', None) for sample in samples)
        )

    def _after_epoch(self, runner: Runner, mode: str = 'train') -> None:
        """Join the files that the processes have found."""
        for found in all_gather_object(self._found[mode]):
            self._add(runner, mode, found)
        for told in all_gather_object(sorted(self._damaged)):
            self._add_damaged(runner, told)

    def _add_damaged(self, runner: Runner, told: Iterable[str | None]) -> None:
        """Log damaged files that are new."""
        for text in told:
            if text and text not in self._damaged:
                self._damaged.add(text)
                runner.logger.warning(f'damaged video: {text}')

    def _add(self, runner: Runner, mode: str, files: dict[str, str]) -> None:
        """Log files that are new, and stop if there are too many in all."""
        found = self._found[mode]
        new = files.keys() - found.keys()
        if not new:
            return
        for file in sorted(new):
            runner.logger.warning(f'unreadable video ({mode}): {files[file]}')
            found[file] = files[file]
        total = len(getattr(runner, f'{mode}_loop').dataloader.dataset)
        if len(found) > self.max_share * total:
            raise RuntimeError(
                f'{len(found)} of {total} videos of the {mode} data are '
                f'unreadable, more than max_share={self.max_share}:\n'
                + '\n'.join(sorted(found.values()))
            )


def _samples(data_batch: Any) -> Iterator[Any]:
    """Yield the data samples of a batch, or of several batches."""
    if isinstance(data_batch, dict):
        yield from data_batch.get('data_samples') or ()
    elif isinstance(data_batch, (list, tuple)):
        for part in data_batch:
            yield from _samples(part)


def _unreadable(samples: Iterable[Any]) -> Iterator[tuple[str, str]]:
    """Yield unreadable files, and the reasons."""
    for sample in samples:
        path = getattr(sample, 'unreadable', None)
        if path is not None:
            reason = getattr(sample, 'unreadable_reason', path)
            yield path, reason if path in reason else f'{path}: {reason}'
