"""Destroy the order of the frames, as a control."""

import os
import zlib

import numpy as np
from mmaction.registry import TRANSFORMS
from mmcv.transforms import BaseTransform


@TRANSFORMS.register_module()
class ShuffleFrames(BaseTransform):
    """Permute the sampled frames of each clip.

    A model that uses the order of the frames must get worse; one that looks
    at each frame alone does not change. Place it after decoding (it reads
    ``imgs`` and ``clip_len`` and changes ``imgs``).

    The permutation depends on the seed and the name of the video file, so
    that every method and every machine sees the same shuffled video.

    Args:
        seed: Seed of the permutations; not negative.

    Raises:
        ValueError: If ``seed`` is negative.
    """

    def __init__(self, seed: int = 0) -> None:
        if seed < 0:
            raise ValueError(f'seed must not be negative, got {seed}')
        self.seed = seed

    def transform(self, results: dict) -> dict:
        """Permute ``imgs`` within each run of ``clip_len`` frames."""
        imgs, length = results['imgs'], results['clip_len']
        name = os.path.basename(results['filename'])
        generator = np.random.default_rng(
            (self.seed, zlib.crc32(name.encode()))
        )
        order = [
            start + offset
            for start in range(0, len(imgs), length)
            for offset in generator.permutation(length)
        ]
        results['imgs'] = [imgs[index] for index in order]
        return results

    def __repr__(self) -> str:
        return f'{type(self).__name__}(seed={self.seed})'
