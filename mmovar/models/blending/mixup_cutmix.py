"""Mixup or cutmix of a batch, with smoothed labels."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from mmaction.models.utils import CutmixBlending, MixupBlending
from mmaction.models.utils.blending_utils import BaseMiniBatchBlending
from mmaction.registry import MODELS
from mmengine.dist import get_rank
from torch import Tensor


@MODELS.register_module()
class MixupCutmix(BaseMiniBatchBlending):
    r"""Blend each batch by mixup or by cutmix, and smooth its labels.

    .. math:: y = \lambda y_i + (1 - \lambda) y_j, \quad
        y_i = (1 - s) e_{c_i} + s / C

    for classes :math:`c_i` of C, a random partner j of clip i, and
    :math:`\lambda` from Beta(alpha, alpha). Every batch is blended. A batch
    has one lambda and, in cutmix, one box, the same in all frames; there
    lambda becomes the share of the clip outside the clipped box.

    ``gt_label`` of the samples becomes y, (C,), and any cross entropy of
    MMAction2 on it is that of soft targets (accuracies of the batch are then
    not logged: they would mean nothing). The recognizer keeps
    :attr:`num_classes` at the size of its vocabulary. With accumulated
    gradients a batch is a micro-batch.

    Random numbers are torch's, on the CPU. Once :meth:`set_epoch` was called
    (:class:`EpochSeedHook` does it) they depend on seed, epoch, rank and
    batch only, and the state of torch is left alone; so a resumed run blends
    as an uninterrupted one.

    Source: the released code of ViFi-CLIP and TC-CLIP, which is that of
    X-CLIP: MMAction2's ``MixupBlending`` and ``CutmixBlending`` (used here)
    and the label smoothing of timm.

    Args:
        mixup_alpha: alpha of mixup, > 0.
        cutmix_alpha: alpha of cutmix, > 0.
        cutmix_prob: Probability of cutmix; else mixup. In 0..1.
        label_smoothing: s, in 0..1.
        num_classes: C; None waits for the recognizer.

    Raises:
        ValueError: If an argument is out of range; on a call, if the number
            of classes is not known or a label is not below it.
    """

    def __init__(
        self,
        mixup_alpha: float = 0.8,
        cutmix_alpha: float = 1.0,
        cutmix_prob: float = 0.5,
        label_smoothing: float = 0.1,
        num_classes: int | None = None,
    ) -> None:
        for name, alpha in (('mixup', mixup_alpha), ('cutmix', cutmix_alpha)):
            if not 0 < alpha < float('inf'):
                raise ValueError(
                    f'{name}_alpha must be in (0, inf), got {alpha}'
                )
        if not 0 <= cutmix_prob <= 1:
            raise ValueError(f'cutmix_prob must be in 0..1, got {cutmix_prob}')
        if not 0 <= label_smoothing <= 1:
            raise ValueError(
                f'label_smoothing must be in 0..1, got {label_smoothing}'
            )
        super().__init__(num_classes)
        self.cutmix_prob = cutmix_prob
        self.label_smoothing = label_smoothing
        self._mixup = MixupBlending(num_classes, mixup_alpha)
        self._cutmix = CutmixBlending(num_classes, cutmix_alpha)
        self._clock: tuple[int, int] | None = None
        self._batches = 0

    def set_epoch(self, epoch: int, seed: int = 0) -> None:
        """Seed the blending of this epoch.

        Args:
            epoch: Number of the epoch, from 0.
            seed: Seed of the run; not negative.
        """
        self._clock, self._batches = (seed, epoch), 0

    def __call__(
        self, imgs: Tensor, batch_data_samples: list, **kwargs
    ) -> tuple[Tensor, list]:
        """Blend a batch.

        Args:
            imgs: Views (B, V, 3, T, H, W), float; may be changed in place.
            batch_data_samples: B samples with ``gt_label`` (1,).
            kwargs: Not used.

        Returns:
            Blended views, and the samples with ``gt_label`` (C,).
        """
        if not self.num_classes:
            raise ValueError(
                'MixupCutmix does not know the number of classes: give '
                'num_classes or the model class names'
            )
        largest = max(int(s.gt_label.max()) for s in batch_data_samples)
        if largest >= self.num_classes:
            raise ValueError(
                f'label {largest} in a batch of {self.num_classes} classes'
            )
        with self._own_random_numbers():
            return super().__call__(imgs, batch_data_samples)

    def do_blending(
        self, imgs: Tensor, label: Tensor, **kwargs
    ) -> tuple[Tensor, Tensor]:
        """Blend clips (B, ...) and one-hot labels (B, C)."""
        cut = torch.rand(()).item() < self.cutmix_prob
        chosen = self._cutmix if cut else self._mixup
        imgs, label = chosen.do_blending(imgs, label)
        # smoothing is linear: after the mix is as good as before it
        off = self.label_smoothing / self.num_classes
        return imgs, (1 - self.label_smoothing) * label + off

    @contextmanager
    def _own_random_numbers(self) -> Iterator[None]:
        if self._clock is None:
            yield
            return
        key = np.random.SeedSequence(
            (*self._clock, get_rank(), self._batches)
        ).generate_state(1)
        self._batches += 1
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(int(key[0]))
            yield
