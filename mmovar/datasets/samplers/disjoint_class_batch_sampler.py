"""Episodes whose query classes are not in the support batch."""

from collections import deque
from collections.abc import Iterator

import numpy as np
from mmaction.registry import DATA_SAMPLERS

from .episode_batch_sampler import Episode, EpisodeBatchSampler


@DATA_SAMPLERS.register_module()
class DisjointClassBatchSampler(EpisodeBatchSampler):
    """Support and query batch of a task have no class in common.

    Each task splits the classes at random into halves of about equally many
    samples and takes the next samples of the epoch's order from each. Where
    the samples left at the end of an epoch are not of enough classes, others
    are seen once more.

    Source: the row "Meta-Unseen" of Open-MeDe (ICCV 2025), Table 5.

    Args:
        args: Of :class:`EpisodeBatchSampler`.
        kwargs: Of :class:`EpisodeBatchSampler`.

    Raises:
        ValueError: As there, or if the classes cannot be split so that each
            half fills a batch.
    """

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self._classes, self._rows = np.unique(self.labels, return_inverse=True)
        self._counts = np.bincount(self._rows)
        self._safe_split = self._split(np.argsort(-self._counts))
        if not self._fills(self._safe_split):
            raise ValueError(
                f'{len(self._classes)} classes of {self._counts.max()} to '
                f'{self._counts.min()} samples cannot be split into two '
                f'groups of {self.half} samples or more each'
            )

    def plan(
        self, order: np.ndarray, generator: np.random.Generator
    ) -> Iterator[Episode]:
        """Yield episodes of disjoint classes."""
        rest = deque(order.tolist())
        while True:
            split = self._split(generator.permutation(len(self._counts)))
            if not self._fills(split):
                split = self._safe_split
            halves: tuple[list[int], list[int]] = ([], [])
            skipped = self._fill(halves, split, rest)
            if min(map(len, halves)) < self.half:
                again = generator.permutation(order)
                used = set(halves[0]) | set(halves[1])
                self._fill(
                    halves, split, deque(i for i in again if i not in used)
                )
            rest.extendleft(reversed(skipped))
            yield halves

    def _fill(
        self,
        halves: tuple[list[int], list[int]],
        split: np.ndarray,
        samples: deque[int],
    ) -> list[int]:
        """Move samples into the halves; return those passed over."""
        skipped: list[int] = []
        while samples and min(map(len, halves)) < self.half:
            sample = samples.popleft()
            half = halves[int(split[self._rows[sample]])]
            (half if len(half) < self.half else skipped).append(sample)
        return skipped

    def _split(self, classes: np.ndarray) -> np.ndarray:
        """Cut an order of classes in two; True for the second part."""
        sums = self._counts[classes].cumsum()
        cut = np.abs(2 * sums - sums[-1]).argmin()
        second = np.zeros(len(classes), dtype=bool)
        second[classes[cut + 1 :]] = True
        return second

    def _fills(self, split: np.ndarray) -> bool:
        second = self._counts[split].sum()
        return self.half <= second <= len(self.labels) - self.half
