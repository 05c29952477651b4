"""Test on several sets, one after another, in a single call."""

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from mmaction.registry import LOOPS
from mmengine.runner import BaseLoop, TestLoop
from torch.utils.data import DataLoader


@LOOPS.register_module()
class BenchmarkTestLoop(BaseLoop):
    """Run a list of named test sets with the same weights.

    MMEngine's ``Runner`` hands the value of ``test_dataloader`` to the loop
    untouched, so a list needs no change of the runner::

        test_cfg = dict(type='BenchmarkTestLoop')
        test_dataloader = [
            dict(name='ucf101', batch_size=8, dataset=..., sampler=...),
            dict(name='hmdb51', batch_size=8, dataset=..., sampler=...),
        ]
        test_evaluator = dict(type='OpenVocabularyMetric')

    The sets run in the order of the list. ``before_test_epoch`` and
    ``after_test_epoch`` are called once per set, always as a pair, because
    ``EMAHook`` swaps weights in the first and back in the second. While a
    set runs, :attr:`dataloader` is its dataloader (hence also
    ``runner.test_dataloader``) and :attr:`name` its name. Metrics are named
    ``'{name}/{metric}'``, for example ``'ucf101/acc/top1'``; the hooks see
    them set by set, and :meth:`run` returns all of them.

    Args:
        runner (Runner): The runner that tests.
        dataloader: One dataloader config per set, each with a unique
            ``name`` beside the usual keys.
        evaluator: One evaluator config (or a list of metrics) that every set
            gets a copy of, or a dict from name to the set's own.
        fp16: Run the model under autocast.

    Raises:
        ValueError: If ``dataloader`` is not a list of dicts, a name is
            missing or used twice, or ``evaluator`` names other sets.
    """

    def __init__(
        self,
        runner: Any,
        dataloader: Sequence[Mapping[str, Any]],
        evaluator: Mapping[str, Any] | Sequence[Mapping[str, Any]],
        fp16: bool = False,
    ) -> None:
        self._runner = runner  # the parent would build one dataloader only
        loaders = _loaders_by_name(dataloader)
        evaluators = _evaluators_by_name(evaluator, list(loaders))
        self.loops = {
            name: TestLoop(runner, loader, evaluators[name], fp16=fp16)
            for name, loader in loaders.items()
        }
        self.name = next(iter(self.loops))

    @property
    def dataloader(self) -> DataLoader:
        """Dataloader of the set that runs now (at rest: ran last)."""
        return self.loops[self.name].dataloader

    @property
    def evaluator(self) -> Any:
        """Evaluator of the set that runs now (at rest: ran last)."""
        return self.loops[self.name].evaluator

    def run(self) -> dict[str, Any]:
        """Test every set.

        Returns:
            Metrics of all sets, ``'{name}/{metric}'`` to value.
        """
        self.runner.call_hook('before_test')
        metrics: dict[str, Any] = {}
        for name in self.loops:
            self.name = name
            metrics.update(self._run_set())
        self.runner.call_hook('after_test')
        return metrics

    def _run_set(self) -> dict[str, Any]:
        loop = self.loops[self.name]
        self.runner.logger.info(
            f'Test set {self.name}: {len(loop.dataloader.dataset)} samples'
        )
        # building the other loops has overwritten the shared visualizer's
        self.runner.visualizer.dataset_meta = getattr(
            loop.dataloader.dataset, 'metainfo', None
        )
        self.runner.call_hook('before_test_epoch')
        self.runner.model.eval()
        for index, batch in enumerate(loop.dataloader):
            loop.run_iter(index, batch)
        metrics = {
            f'{self.name}/{key}': value
            for key, value in loop.evaluator.evaluate(
                len(loop.dataloader.dataset)
            ).items()
        }
        self.runner.call_hook('after_test_epoch', metrics=metrics)
        return metrics


def _loaders_by_name(
    loaders: Sequence[Mapping[str, Any]],
) -> dict[str, dict[str, Any]]:
    """Check the list of dataloader configs and take the names out."""
    if isinstance(loaders, (str, Mapping)) or not isinstance(
        loaders, Sequence
    ):
        raise ValueError(
            'BenchmarkTestLoop needs a list of dataloader configs, each with '
            f'a `name`, but test_dataloader is a {type(loaders).__name__}'
        )
    if not loaders:
        raise ValueError('test_dataloader is an empty list')
    by_name: dict[str, dict[str, Any]] = {}
    for index, loader in enumerate(loaders):
        loader = copy.deepcopy(loader)
        name = loader.pop('name', None)
        if not name or not isinstance(name, str):
            raise ValueError(
                f'test_dataloader[{index}] needs a `name`, but has {name!r}'
            )
        if name in by_name:
            raise ValueError(f'two test sets have the name {name!r}')
        by_name[name] = loader
    return by_name


def _evaluators_by_name(
    evaluator: Mapping[str, Any] | Sequence[Mapping[str, Any]],
    names: list[str],
) -> dict[str, Any]:
    """Give every set an evaluator config of its own."""
    own = isinstance(evaluator, Mapping) and not (
        {'type', 'metrics'} & set(evaluator)
    )
    if not own:
        return {name: copy.deepcopy(evaluator) for name in names}
    if set(evaluator) != set(names):
        raise ValueError(
            f'test_evaluator has entries for {sorted(evaluator)}, but the '
            f'test sets are {sorted(names)}'
        )
    return dict(evaluator)
