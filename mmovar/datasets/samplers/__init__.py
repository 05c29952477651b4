"""Batch samplers that choose what meets in an episode.

Stock sampling needs none of them: ``DefaultSampler(shuffle=True)`` pairs
neighbours of a shuffled order, ``DefaultSampler(shuffle=False)`` those of the
annotation list (the order "initial" of Open-MeDe's Table 10).
"""

from .disjoint_class_batch_sampler import DisjointClassBatchSampler
from .episode_batch_sampler import EpisodeBatchSampler
from .similar_class_batch_sampler import SimilarClassBatchSampler

__all__ = [
    'DisjointClassBatchSampler',
    'EpisodeBatchSampler',
    'SimilarClassBatchSampler',
]
