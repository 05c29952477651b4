"""The training loop of cross-batch meta-optimisation."""

from typing import Any

import torch
from mmaction.registry import DATA_SAMPLERS, LOOPS
from mmengine.dist import get_world_size
from mmengine.runner import Runner
from torch import Tensor

from mmovar.datasets.samplers import EpisodeBatchSampler

from ..interfaces import MetaStepper
from .open_vocabulary_loops import OpenVocabularyTrainLoop
from .update_size import tasks_of_process

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


def _all_tasks(dataloader: dict[str, Any], num_tasks: int) -> dict[str, Any]:
    """Read the batches of all tasks of a process at once."""
    loader = dict(dataloader, batch_size=num_tasks * dataloader['batch_size'])
    sampler = loader.get('batch_sampler')
    if sampler and issubclass(
        DATA_SAMPLERS.get(sampler['type']), EpisodeBatchSampler
    ):
        loader['batch_sampler'] = dict(sampler, num_tasks=num_tasks)
    return loader


@LOOPS.register_module()
class CrossBatchTrainLoop(OpenVocabularyTrainLoop):
    """Train on episodes: two adjacent batches for each task, one update.

    ``batch_size`` of the dataloader is that of a task, support and query
    batch together; the loop reads all tasks of a process at once. Epochs,
    schedules, ETA and resuming count episodes. Needs
    ``CrossBatchMetaOptimWrapper`` or its AMP twin. Logged are
    ``support_*`` and ``query_*`` of everything the model logs, and ``loss``,
    which is what is optimised.

    Source: Open-MeDe (ICCV 2025), section 3.2.1: support and query are
    consecutive batches of the ordinary sampler; section 4.1: 4 tasks.

    Args:
        runner: Of the run.
        dataloader: Config of the dataloader.
        args: Of ``OpenVocabularyTrainLoop``.
        total_tasks: Tasks of an update over all processes. Fewer processes
            handle several, one after the other; their mean is taken, as over
            processes. More processes do one task each (the last row of the
            paper's Table 11), and the log says so.
        kwargs: Of ``OpenVocabularyTrainLoop``.

    Raises:
        ValueError: If ``total_tasks`` is below 1, or processes cannot share
            them evenly.
    """

    def __init__(
        self,
        runner: Runner,
        dataloader: dict[str, Any],
        *args: Any,
        total_tasks: int = 4,
        **kwargs: Any,
    ) -> None:
        processes = get_world_size()
        self.num_tasks = tasks_of_process(total_tasks, processes)
        super().__init__(
            runner, _all_tasks(dataloader, self.num_tasks), *args, **kwargs
        )
        if processes > total_tasks:
            runner.logger.warning(
                f'{processes} processes do one task each: an update has '
                f'{processes} tasks, not {total_tasks}'
            )

    def run(self) -> torch.nn.Module:
        """Train.

        Raises:
            ValueError: If the optimizer wrapper is a plain one.
        """
        if not isinstance(self.runner.optim_wrapper, MetaStepper):
            raise ValueError(
                'CrossBatchTrainLoop needs CrossBatchMetaOptimWrapper or '
                'CrossBatchMetaAmpOptimWrapper, got '
                f'{type(self.runner.optim_wrapper).__name__}'
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

    def _run_episode(self, tasks: list[dict[str, Batch]]) -> dict[str, Any]:
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
