"""timm's cosine with a warm-up that the cosine does not wait for."""

import math
from typing import Any

from mmaction.registry import PARAM_SCHEDULERS
from mmengine.optim.scheduler.param_scheduler import _ParamScheduler

_END = int(1e9)  # MMEngine's "never"


def cosine_with_warmup(
    t: int, peak: float, floor: float, warmup: float, end: int
) -> float:
    r"""Compute the learning rate after iteration ``t``.

    .. math::
        \eta(t) = \begin{cases}
            \eta_{max} t / W & t < W \\
            \eta_{min} + \frac{1}{2}(\eta_{max} - \eta_{min})
                (1 + \cos(\pi t / T)) & W \le t < T \\
            \eta_{min} & T \le t
        \end{cases}

    The cosine runs from iteration 0 on, under the warm-up, so the rate falls
    at once where the warm-up ends: with :math:`W = T / 2` to half its peak.

    Source: ``CosineLRScheduler`` of timm with ``warmup_prefix=False``,
    ``warmup_lr_init=0`` and one cycle.

    Args:
        t: Index of the iteration, from 0; negative counts as 0.
        peak: eta_max, which the warm-up leads to.
        floor: eta_min.
        warmup: W, in iterations.
        end: T, in iterations.

    Example:
        >>> [cosine_with_warmup(t, 8.0, 0.0, 2, 4) for t in range(5)]
        [0.0, 4.0, 4.0, 1.1715728752538102, 0.0]
    """
    t = max(t, 0)
    if t < warmup:
        return peak * t / warmup
    if t >= end:
        return floor
    return floor + 0.5 * (peak - floor) * (1 + math.cos(math.pi * t / end))


@PARAM_SCHEDULERS.register_module()
class TimmCosineLR(_ParamScheduler):
    """Linear warm-up, then a cosine that counts from the first iteration.

    See :func:`cosine_with_warmup`. As in the released code of X-CLIP,
    ViFi-CLIP and TC-CLIP, the rate is set after each update from the index
    of the iteration just run, and stays until the next update: the first
    update has rate 0, and so has the second without accumulation. With
    accumulated gradients iterations are those of micro-batches; in between
    the rate does not move.

    MMEngine's ``LinearLR`` followed by ``CosineAnnealingLR`` is another
    schedule: its cosine begins after the warm-up.

    Args:
        optimizer: Optimizer or wrapper. Each group has its own peak (its
            ``lr``), and all share the floor.
        warmup: Length of the warm-up, in epochs if ``by_epoch``, else in
            iterations; 0 for none.
        eta_min: The floor; or give ``eta_min_ratio``.
        eta_min_ratio: The floor as a share of the optimizer's own learning
            rate, that of groups without ``lr_mult``.
        begin: Must be 0.
        end: Length of the schedule, warm-up included, in the unit of
            ``warmup``. MMEngine sets it to the length of the training.
        last_step: See MMEngine.
        by_epoch: Whether to step once an epoch; configs have
            ``convert_to_iter_based=True``.
        verbose: See MMEngine.

    Raises:
        ValueError: If not exactly one of ``eta_min`` and ``eta_min_ratio``
            is given, the floor is negative, ``begin`` is not 0, or the
            warm-up is negative or longer than the schedule.
    """

    def __init__(
        self,
        optimizer: Any,
        *,
        warmup: float,
        eta_min: float | None = None,
        eta_min_ratio: float | None = None,
        begin: int = 0,
        end: int = _END,
        last_step: int = -1,
        by_epoch: bool = True,
        verbose: bool = False,
    ) -> None:
        if (eta_min is None) == (eta_min_ratio is None):
            raise ValueError(
                'give one of eta_min and eta_min_ratio, got '
                f'{eta_min} and {eta_min_ratio}'
            )
        if eta_min is None:
            eta_min = eta_min_ratio * optimizer.defaults['lr']
        if not 0 <= eta_min < float('inf'):
            raise ValueError(f'the floor must be in [0, inf), got {eta_min}')
        if begin != 0:
            raise ValueError(
                f'TimmCosineLR has its warm-up inside: begin must be 0, got '
                f'{begin}'
            )
        if not 0 <= warmup <= end:
            raise ValueError(f'warmup must be in 0..{end}, got {warmup}')
        self.warmup, self.length, self.eta_min = warmup, end, eta_min
        super().__init__(
            optimizer,
            'lr',
            last_step=last_step,
            by_epoch=by_epoch,
            verbose=verbose,
        )

    @classmethod
    def build_iter_from_epoch(
        cls,
        optimizer: Any,
        warmup: float,
        end: int = _END,
        by_epoch: bool = True,
        epoch_length: int | None = None,
        **kwargs: Any,
    ) -> 'TimmCosineLR':
        """Build the schedule per iteration from one in epochs.

        Raises:
            ValueError: If it is not one in epochs, or their length is
                unknown.
        """
        if not by_epoch or not epoch_length:
            raise ValueError(
                'convert_to_iter_based needs by_epoch=True and a dataloader '
                f'of known length, got {by_epoch} and {epoch_length}'
            )
        if end != _END:
            end = int(end * epoch_length)
        return cls(
            optimizer,
            warmup=int(warmup * epoch_length),
            end=end,
            by_epoch=False,
            **kwargs,
        )

    def _get_value(self) -> list[float]:
        """Compute the rate of each group, or keep it until an update."""
        updated = getattr(self.optimizer, 'should_update', None)
        if updated is not None and not updated():
            return [group['lr'] for group in self.optimizer.param_groups]
        return [
            cosine_with_warmup(
                self.last_step - 1,
                peak,
                self.eta_min,
                self.warmup,
                self.length,
            )
            for peak in self.base_values
        ]
