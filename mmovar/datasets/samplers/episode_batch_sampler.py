"""Batches of episodes whose support and query samples are chosen together."""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from numbers import Integral

import numpy as np
from mmengine.dataset import DefaultSampler
from torch.utils.data import Sampler

Episode = tuple[Sequence[int], Sequence[int]]

_NEEDED = ('dataset', 'seed', 'epoch', 'shuffle', 'rank', 'world_size')


class EpisodeBatchSampler(Sampler):
    """Base of the batch samplers for ``CrossBatchTrainLoop``.

    A batch is ``[support_0, query_0, support_1, query_1, ...]``, as the loop
    splits it. All ranks plan the same episodes and take turns in using
    them, so a sample is on one rank only. The plan depends on seed and epoch
    of ``sampler`` alone: a resumed run goes on with the same batches. The
    samples that are left when no full batch fits are skipped in this epoch.

    In a config, ``drop_last`` of the dataloader must be off::

        train_dataloader = dict(
            drop_last=False,
            batch_sampler=dict(type='DisjointClassBatchSampler'))

    Args:
        sampler: MMEngine's ``DefaultSampler``. Its order is where samples
            are taken from, shuffled or not.
        batch_size: Samples of a batch on a rank.
        num_tasks: Tasks of a batch, as in the train loop.

    Raises:
        ValueError: If the batch is no multiple of twice ``num_tasks``, the
            dataset is too small for a batch on each rank, or the sampler is
            another one.
    """

    def __init__(
        self, sampler: DefaultSampler, batch_size: int, num_tasks: int = 1
    ) -> None:
        missing = [key for key in _NEEDED if not hasattr(sampler, key)]
        if missing:
            raise ValueError(
                f'{type(self).__name__} needs sampler=dict(type='
                f"'DefaultSampler'), got {type(sampler).__name__} without "
                f'{missing}'
            )
        if num_tasks < 1 or batch_size < 1 or batch_size % (2 * num_tasks):
            raise ValueError(
                f'batch_size {batch_size} must be a multiple of 2 * num_tasks '
                f'= {2 * num_tasks}: each task has a support and a query half'
            )
        self.sampler = sampler
        self.batch_size, self.num_tasks = batch_size, num_tasks
        self.half = batch_size // (2 * num_tasks)
        self.labels = _labels(sampler.dataset)
        if len(self) < 1:
            raise ValueError(
                f'{len(self.labels)} samples cannot fill a batch of '
                f'{batch_size} on each of {sampler.world_size} ranks'
            )

    @abstractmethod
    def plan(
        self, order: np.ndarray, generator: np.random.Generator
    ) -> Iterator[Episode]:
        """Yield episodes of ``half`` support and ``half`` query samples.

        Args:
            order: All samples in the order of this epoch.
            generator: Random numbers of this epoch, the same on all ranks.
        """

    def __iter__(self) -> Iterator[list[int]]:
        sampler = self.sampler
        generator = np.random.default_rng((sampler.seed, sampler.epoch))
        order = np.arange(len(self.labels))
        if sampler.shuffle:
            generator.shuffle(order)
        episodes = self.plan(order, generator)
        for turn in range(len(self) * sampler.world_size):
            tasks = [next(episodes) for _ in range(self.num_tasks)]
            if turn % sampler.world_size == sampler.rank:
                yield [int(i) for task in tasks for half in task for i in half]

    def __len__(self) -> int:
        """Batches of an epoch, the same on all ranks."""
        return len(self.labels) // (self.batch_size * self.sampler.world_size)


def _labels(dataset) -> np.ndarray:
    """Read the labels of all samples, (N,)."""
    if not hasattr(dataset, 'get_data_info'):
        raise ValueError(
            f'{type(dataset).__name__} has no get_data_info() to read labels '
            'from'
        )
    labels = [
        dataset.get_data_info(i).get('label') for i in range(len(dataset))
    ]
    wrong = [label for label in labels if not isinstance(label, Integral)]
    if wrong:
        raise ValueError(f'labels must be integers, got {wrong[0]!r}')
    return np.array(labels, dtype=np.int64)
