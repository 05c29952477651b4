"""Summary of a video's tokens in a few context tokens."""

from collections.abc import Callable

import torch
from torch import Tensor

from .bipartite_merging import bipartite_merging
from .clustering import dpc_knn, k_means, k_medoids
from .grouping import random_groups, temporal_tube
from .membership import membership
from .precision import full_precision
from .seed_selection import SCORES

Aggregation = Callable[[Tensor, Tensor, int], Tensor]

AGGREGATIONS: dict[str, Aggregation] = {
    'bipartite': bipartite_merging,
    'dpc_knn': dpc_knn,
    'k_means': k_means,
    'k_medoids': k_medoids,
    'random': random_groups,
    'temporal_tube': temporal_tube,
}


class Contextualizer:
    """Selects seed tokens in each frame and merges them over the video.

    An aggregation only says which seeds go together; a context token is the
    mean of its seeds, so the gradient of a context token spreads evenly over
    them and decisions have none.

    Source: TC-CLIP (ECCV 2024), section 3.2; options from table 6.

    Args:
        patches: Patches P of a frame.
        selection: Score of the seeds, a name in ``SCORES``; ``'none'`` takes
            all patches in their order and needs a ``seed_ratio`` of 1.
        seed_ratio: Share of the patches that are seeds, in (0, 1].
        aggregation: A name in ``AGGREGATIONS``; ``'none'`` makes each seed a
            context token and needs ``num_context`` None.
        num_context: Context tokens K of a video.

    Raises:
        ValueError: If an option is unknown, out of range, or does not go
            with another.
    """

    def __init__(
        self,
        patches: int,
        selection: str,
        seed_ratio: float,
        aggregation: str,
        num_context: int | None,
    ) -> None:
        _check('selection', selection, [*SCORES, 'none'])
        _check('aggregation', aggregation, [*AGGREGATIONS, 'none'])
        self.seeds = int(patches * seed_ratio) if 0 < seed_ratio <= 1 else 0
        if self.seeds < 1:
            raise ValueError(
                f'seed_ratio {seed_ratio} of {patches} patches: at least one '
                'must be left, and the ratio be in (0, 1]'
            )
        if selection == 'none' and seed_ratio != 1:
            raise ValueError(
                f"selection='none' takes all patches: seed_ratio must be 1, "
                f'not {seed_ratio}'
            )
        if (aggregation == 'none') != (num_context is None) or (
            num_context is not None and num_context < 1
        ):
            raise ValueError(
                f'num_context {num_context} with aggregation '
                f"{aggregation!r}: 'none' needs None, all others 1 or more"
            )
        self.selection = selection
        self.aggregation = aggregation
        self.num_context = num_context

    def check_frames(self, frames: int) -> None:
        """Raise ValueError if a video of T frames has too few seeds."""
        seeds = frames * self.seeds
        if self.num_context is not None and self.num_context > seeds:
            raise ValueError(
                f'{self.num_context} context tokens from {seeds} seeds '
                f'({frames} frames of {self.seeds}): num_context must not '
                'exceed them'
            )

    def select(self, attention: Tensor, keys: Tensor) -> Tensor:
        """Select the seeds of each frame.

        Args:
            attention: Of the class token to its patches, (B, T, h, P).
            keys: Of the patches, (B, T, P, h, d).

        Returns:
            Indices of patches, (B, T, m), highest score first.
        """
        batch, frames, _, patches = attention.shape
        if self.selection == 'none':
            index = torch.arange(patches, device=attention.device)
            return index.expand(batch, frames, -1)
        with full_precision(attention, keys) as (attention, keys):
            scores = SCORES[self.selection](attention, keys)
            return scores.topk(self.seeds, dim=-1).indices

    def merge(self, seeds: Tensor, patches: Tensor) -> tuple[Tensor, Tensor]:
        """Merge seeds to context tokens.

        Args:
            seeds: (B, T, m, D).
            patches: Index of each seed in its frame, (B, T, m).

        Returns:
            The context tokens (B, K, D), and the context token that each
            seed went to, (B, T, m).
        """
        cluster = self._cluster(seeds.flatten(1, 2), patches.flatten(1))
        source = cluster.unflatten(1, patches.shape[1:])
        if self.num_context is None:
            return seeds.flatten(1, 2), source
        return mean_of_clusters(
            seeds.flatten(1, 2), cluster, self.num_context
        ), source

    def _cluster(self, seeds: Tensor, patches: Tensor) -> Tensor:
        if self.num_context is None:
            index = torch.arange(seeds.shape[1], device=seeds.device)
            return index.expand(len(seeds), -1)
        with full_precision(seeds) as (seeds,):
            aggregate = AGGREGATIONS[self.aggregation]
            return aggregate(seeds, patches, self.num_context)


def mean_of_clusters(seeds: Tensor, cluster: Tensor, clusters: int) -> Tensor:
    """Average the seeds of each cluster.

    Args:
        seeds: (B, n, D).
        cluster: Of each seed, (B, n), 0..K-1.
        clusters: K.

    Returns:
        (B, K, D), in the dtype of ``seeds``.
    """
    with torch.autocast(seeds.device.type, enabled=False):
        dtype = torch.promote_types(seeds.dtype, torch.float32)
        members = membership(cluster, clusters, dtype)
        share = members / members.sum(dim=1, keepdim=True)
        return (share.transpose(1, 2) @ seeds.to(dtype)).to(seeds.dtype)


def _check(option: str, value: str, allowed: list[str]) -> None:
    if value not in allowed:
        raise ValueError(
            f'{option} {value!r} is none of {", ".join(sorted(allowed))}'
        )
