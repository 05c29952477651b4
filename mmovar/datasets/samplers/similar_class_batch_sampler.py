"""Episodes whose query classes are near the support classes."""

from collections.abc import Iterator

import numpy as np
from mmaction.registry import DATA_SAMPLERS

from .episode_batch_sampler import Episode, EpisodeBatchSampler


@DATA_SAMPLERS.register_module()
class SimilarClassBatchSampler(EpisodeBatchSampler):
    """Pair each support sample with a query sample of a similar class.

    Support samples are the next ones of the epoch's order. The partner of
    each is the next sample of the class whose name is nearest to that of its
    own class, among the other classes that have samples left; of the same
    class only when nothing else is left. A sample is seen once an epoch.

    ``ClassSimilarityHook`` must be among the hooks: it hands over the text
    features of the class names.

    Source: the row "similar-class" of Open-MeDe (ICCV 2025), Table 10. What
    its similarity is, the paper does not say.

    Args:
        args: Of :class:`EpisodeBatchSampler`.
        kwargs: Of :class:`EpisodeBatchSampler`.
    """

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self._neighbors: np.ndarray | None = None

    def set_class_features(self, features: np.ndarray) -> None:
        """Rank the classes by similarity.

        Args:
            features: Unit text features (C, D) of the dataset's classes.

        Raises:
            ValueError: If labels point beyond the features.
        """
        if self.labels.max() >= len(features):
            raise ValueError(
                f'label {self.labels.max()} has no text feature: there are '
                f'{len(features)}'
            )
        similarity = features @ features.T
        np.fill_diagonal(similarity, -np.inf)  # own class last
        self._neighbors = np.argsort(-similarity, axis=1, kind='stable')

    def plan(
        self, order: np.ndarray, generator: np.random.Generator
    ) -> Iterator[Episode]:
        """Yield episodes of pairs of similar classes.

        Raises:
            RuntimeError: If :meth:`set_class_features` was not called.
        """
        if self._neighbors is None:
            raise RuntimeError(
                'SimilarClassBatchSampler does not know the classes: add '
                "dict(type='ClassSimilarityHook') to custom_hooks"
            )
        pairs = self._pairs(order, self._neighbors)
        while True:
            episode = [next(pairs, None) for _ in range(self.half)]
            if None in episode:
                return
            support, query = zip(*episode, strict=True)
            yield support, query

    def _pairs(
        self, order: np.ndarray, neighbors: np.ndarray
    ) -> Iterator[tuple[int, int]]:
        by_class: list[list[int]] = [[] for _ in neighbors]
        for sample in order[::-1]:
            by_class[self.labels[sample]].append(sample)
        nearest = [0] * len(by_class)  # rank of the nearest class not empty
        used = np.zeros(len(order), dtype=bool)
        for sample in order:
            if used[sample]:
                continue
            label = self.labels[sample]
            by_class[label].pop()  # the sample itself, the next of its class
            row, rank = neighbors[label], nearest[label]
            while rank < len(row) and not by_class[row[rank]]:
                rank += 1
            nearest[label] = rank
            if rank == len(row):
                return
            partner = by_class[row[rank]].pop()
            used[partner] = True
            yield sample, partner
