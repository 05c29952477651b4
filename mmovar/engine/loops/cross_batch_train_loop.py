"""The training loop of cross-batch meta-optimisation."""

from typing import Any

import torch
from mmaction.registry import LOOPS
from torch import Tensor

from ..interfaces import MetaStepper
from .open_vocabulary_loops import OpenVocabularyTrainLoop

Batch = dict[str, Any]


def split_tasks(batch: Batch, num_tasks: int) -> list[dict[str, Batch]]:
    """Split a batch into tasks, each of a support and a query batch.

    Neighbours pair: of the first task, support is the first part and query
    the second. Parts differ by one sample at most. A batch too short for all
    tasks gives fewer of them, a single sample a support batch alone.

    Args:
        batch: Lists or tensors of N samples each.
        num_tasks: Tasks wanted, >= 1.

    Returns:
        ``'support'`` and ``'query'`` batch of each task.
    """
    size = len(next(iter(batch.values())))
    if size == 1:
        return [dict(support=batch)]
    num_parts = 2 * min(num_tasks, size // 2)
    bounds = [size * i // num_parts for i in range(num_parts + 1)]
    parts = [
        {key: value[start:end] for key, value in batch.items()}
        for start, end in zip(bounds, bounds[1:], strict=False)
    ]
    return [
        dict(support=support, query=query)
        for support, query in zip(parts[::2], parts[1::2], strict=True)
    ]


@LOOPS.register_module()
class CrossBatchTrainLoop(OpenVocabularyTrainLoop):
    """Epochs of episodes: two neighbouring batches, one update.

    The dataloader yields both batches of an episode at once, so its
    ``batch_size`` is ``num_tasks * (support + query)``; epochs, schedules,
    ETA and resuming count episodes. Needs ``CrossBatchMetaOptimWrapper`` or
    its AMP twin. Logged are ``support_*`` and ``query_*`` of everything the
    model logs, and ``loss``, which is what is optimised.

    Source: Open-MeDe (ICCV 2025), section 3.2.1: support and query are
    consecutive batches of the ordinary sampler.

    Args:
        args: Of ``OpenVocabularyTrainLoop``.
        num_tasks: Tasks a process handles one after the other. Their mean is
            taken, as over processes: 1 process with 4 tasks does what 4
            processes with 1 task do.
        kwargs: Of ``OpenVocabularyTrainLoop``.

    Raises:
        ValueError: If ``num_tasks`` is below 1.
    """

    def __init__(self, *args, num_tasks: int = 1, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if num_tasks < 1:
            raise ValueError(f'num_tasks must be >= 1, got {num_tasks}')
        self.num_tasks = num_tasks

    def run(self) -> torch.nn.Module:
        """Train.

        Raises:
            ValueError: If the optimizer wrapper is a plain one, or the batch
                sampler fills another number of tasks.
        """
        if not isinstance(self.runner.optim_wrapper, MetaStepper):
            raise ValueError(
                'CrossBatchTrainLoop needs CrossBatchMetaOptimWrapper or '
                'CrossBatchMetaAmpOptimWrapper, got '
                f'{type(self.runner.optim_wrapper).__name__}'
            )
        sampler = self.dataloader.batch_sampler
        filled = getattr(sampler, 'num_tasks', self.num_tasks)
        if filled != self.num_tasks:
            raise ValueError(
                f'{type(sampler).__name__} has num_tasks={filled}, '
                f'CrossBatchTrainLoop {self.num_tasks}; they must agree'
            )
        return super().run()

    def run_iter(self, idx: int, data_batch: Batch) -> None:
        """Run one episode.

        Args:
            idx: Index of the batch in the epoch.
            data_batch: Samples of all tasks of this process.
        """
        hook_args = dict(batch_idx=idx, data_batch=data_batch)
        self.runner.call_hook('before_train_iter', **hook_args)
        outputs = self._run_episode(split_tasks(data_batch, self.num_tasks))
        self.runner.call_hook('after_train_iter', outputs=outputs, **hook_args)
        self._iter += 1

    def _run_episode(self, tasks: list[dict[str, Batch]]) -> dict[str, Tensor]:
        wrapper = self.runner.optim_wrapper
        logs: dict[str, list[Tensor]] = {}
        for role, outputs in wrapper.meta_step(self.runner.model, tasks):
            for key, value in outputs.items():
                logs.setdefault(f'{role}_{key}', []).append(value)
        means = {
            key: sum(values) / len(values) for key, values in logs.items()
        }
        means['loss'] = means['support_loss']
        if 'query_loss' in means:
            means['loss'] = (
                wrapper.support_weight * means['support_loss']
                + wrapper.delta * means['query_loss']
            )
        return means
