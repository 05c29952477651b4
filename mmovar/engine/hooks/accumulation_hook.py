"""Tell the optimizer wrapper how large a micro-batch is."""

from mmaction.registry import HOOKS
from mmengine.dist import get_world_size
from mmengine.hooks import Hook
from mmengine.runner import BaseLoop, Runner

from ..interfaces import AccumulatesTotalBatch


@HOOKS.register_module()
class AccumulationHook(Hook):
    """Make ``TotalBatchOptimWrapper`` know batches and epochs.

    Other optimizer wrappers are left alone.
    """

    def before_run(self, runner: Runner) -> None:
        """Tell the samples of a micro-batch over all processes."""
        wrapper = runner.optim_wrapper
        trains = isinstance(runner._train_loop, BaseLoop)
        if not trains or not isinstance(wrapper, AccumulatesTotalBatch):
            return
        loader = runner.train_dataloader
        samples = loader.batch_size
        if samples is None:
            samples = loader.batch_sampler.batch_size
        wrapper.set_micro_batch(samples * get_world_size(), len(loader))

    def before_train_epoch(self, runner: Runner) -> None:
        """Drop the micro-batches that the epoch before left over."""
        if isinstance(runner.optim_wrapper, AccumulatesTotalBatch):
            runner.optim_wrapper.start_epoch(runner.model)
