"""Test on several sets, one after another, in a single call."""

import copy
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from mmaction.registry import LOOPS
from mmengine.dist import all_gather_object, get_rank, get_world_size
from mmengine.runner import BaseLoop, TestLoop
from mmengine.runner.amp import autocast
from torch.utils.data import DataLoader, Subset

from ..half_precision import autocast_to, half_type, precision_of
from ..interfaces import EncodesViews, MixesCLIP
from ..run_options import fill_options
from ..unwrap_model import unwrap_model
from .loader_config import loader_config
from .shared_videos import (
    SharedVideos,
    map_tensors,
    shared_keys,
    video_keys,
)
from .test_sets import Sets, cells_of, set_configs


@LOOPS.register_module()
class BenchmarkTestLoop(BaseLoop):
    """Run several test sets with the same weights, one after another.

    ``test_dataloader`` is what the sets share; the loop names the sets::

        test_cfg = dict(type='BenchmarkTestLoop', sets=['ucf101', 'hmdb51'])
        test_dataloader = dict(batch_size=8, sampler=..., dataset=dict(
            type='OpenVocabularyDataset', pipeline=..., test_mode=True))
        test_evaluator = dict(type='OpenVocabularyMetric')

    ``before_test_epoch`` and ``after_test_epoch`` are called once per set,
    always as a pair, because ``EMAHook`` swaps weights in the first and back
    in the second. While a set runs, :attr:`dataloader` is its dataloader
    (hence also ``runner.test_dataloader``) and :attr:`name` its name. Metrics
    are named ``'{name}/{metric}'``, for example ``'ucf101/acc/top1'``; the
    hooks see them set by set, and :meth:`run` returns all of them.

    Args:
        runner (Runner): The runner that tests. Options of its config are
            filled in, see :func:`fill_options`.
        dataloader: Config of a dataloader, the template of all sets.
        evaluator: One evaluator config (or a list of metrics) that every set
            gets a copy of, or a dict from name to the set's own.
        sets: Names of sources, such as ``'ucf101_val1'``, or a dict from name
            to what the set changes in ``dataloader['dataset']``. None: the
            dataset as it is.
        cells: Globs over cells of protocols, ``'ucf101/ep3/*'``; they take
            the place of ``sets``.
        setup: How cells are declared; None: by the folder of the config.
        clip_share: Share of CLIP in the logits of a model that mixes it in
            (``CLIPEnsemble``), in [0, 1]. None: as cells declare it, so in
            context and out of it may differ; sets take the model's own.
        amp: ``'bfloat16'`` or ``'float16'`` to run the model in autocast.
        cache_gib: Memory in GiB (CPU) that a process spends on features of
            shared videos; 0 encodes every set by itself.

    Raises:
        ValueError: If ``dataloader`` is not the config of one dataloader,
            there is no set, a source or cell is unknown, ``evaluator``
            names other sets, or the device does not have ``amp``.
    """

    def __init__(
        self,
        runner: Any,
        dataloader: Mapping[str, Any],
        evaluator: Mapping[str, Any] | Sequence[Mapping[str, Any]],
        sets: Sets | None = None,
        cells: Sequence[str] | None = None,
        setup: str | None = None,
        clip_share: float | None = None,
        amp: str | None = None,
        cache_gib: float = 8.0,
    ) -> None:
        self._runner = runner  # the parent would build one dataloader only
        if not 0 <= cache_gib < float('inf'):
            raise ValueError(f'cache_gib must be in [0, inf), got {cache_gib}')
        if clip_share is not None and not 0 <= clip_share <= 1:
            raise ValueError(f'clip_share must be in [0, 1], got {clip_share}')
        self._clip_share = clip_share
        self._amp = None if amp is None else half_type(amp)
        self.precision = precision_of(self._amp)
        self._cache_bytes = int(cache_gib * 2**30)
        if not isinstance(dataloader, Mapping):
            raise ValueError(
                'test_dataloader must be the config of one dataloader, which '
                'all sets share; test_cfg.sets names them. It is a '
                f'{type(dataloader).__name__}'
            )
        loader = loader_config(dataloader, runner)
        sets, cells = fill_options([sets, cells], runner.cfg)
        path = getattr(runner.cfg, 'filename', None)
        self.cells = cells_of(cells, setup, path) if cells else {}
        """Name of a set that is a cell to its protocol and the cell."""
        self.datasets = set_configs(loader['dataset'], sets, self.cells)
        """Name of a set to the config of its data set."""
        evaluators = _evaluators_by_name(evaluator, list(self.datasets))
        self.loops = {
            name: TestLoop(
                runner,
                copy.deepcopy(dict(loader, dataset=dataset)),
                evaluators[name],
                fp16=amp is not None,
            )
            for name, dataset in self.datasets.items()
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

    def clip_share(self, name: str) -> float | None:
        """Return the share of CLIP in a set's logits; None: the model's."""
        if self._clip_share is not None or name not in self.cells:
            return self._clip_share
        setup = self.cells[name][1].setup
        return setup.clip_share if setup.ensemble == 'logits' else 0.0

    def run(self) -> dict[str, Any]:
        """Test every set.

        Returns:
            Metrics of all sets, ``'{name}/{metric}'`` to value.
        """
        self.runner.call_hook('before_test')
        self._videos = self._share_videos()
        metrics: dict[str, Any] = {}
        with autocast_to(self._amp):
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
        with self._mixing_in(self.clip_share(self.name)):
            if self.name in self._videos.keys:
                self._run_shared()
            else:
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

    @contextmanager
    def _mixing_in(self, clip_share: float | None) -> Iterator[None]:
        """Give the model another share of CLIP, if it has any."""
        model = self._model
        if clip_share is None or not isinstance(model, MixesCLIP):
            yield
            return
        own, model.ratio = model.ratio, clip_share
        try:
            yield
        finally:
            model.ratio = own

    def _share_videos(self) -> SharedVideos:
        """Find the sets that have videos in common."""
        keys = {}
        if self._cache_bytes and isinstance(self._model, EncodesViews):
            keys = {
                name: video_keys(
                    loop.dataloader.dataset,
                    dict(
                        self.datasets[name], clip_share=self.clip_share(name)
                    ),
                )
                for name, loop in self.loops.items()
            }
        return SharedVideos(shared_keys(keys), self._cache_bytes)

    @property
    def _model(self) -> Any:
        return unwrap_model(self.runner.model)

    @torch.no_grad()
    def _run_shared(self) -> None:
        """Test a set, encoding only what no set before it had."""
        size = len(self.loops[self.name].dataloader.dataset)
        owners = [self._videos.owner(self.name, i) for i in range(size)]
        new = [i for i, owner in enumerate(owners) if owner is None]
        kept = [i for i, owner in enumerate(owners) if owner == get_rank()]
        if len(new) < size:
            self.runner.logger.info(
                f'{size - len(new)} of {size} videos were encoded before'
            )
        outputs: dict[int, Any] = {}
        step = 0
        for indices, batch in self._new_batches(new):
            outputs.update(self._run_batch(step, indices, batch))
            step += 1
        for indices, batch in self._kept_batches(kept):
            outputs.update(self._run_batch(step, indices, batch))
            step += 1
        self._videos.finish(self.name)
        self._score(outputs, size)

    def _new_batches(
        self, indices: list[int]
    ) -> Iterator[tuple[list[int], dict[str, Any]]]:
        """Load this process' share of the videos."""
        mine, loader = indices[get_rank() :: get_world_size()], self.dataloader
        batches = DataLoader(
            Subset(loader.dataset, mine),
            batch_size=loader.batch_size or 1,
            num_workers=loader.num_workers,
            collate_fn=loader.collate_fn,
            worker_init_fn=loader.worker_init_fn,
            pin_memory=loader.pin_memory,
        )
        done = 0
        for batch in batches:
            count = len(batch['data_samples'])
            yield mine[done : done + count], batch
            done += count

    def _kept_batches(
        self, indices: list[int]
    ) -> Iterator[tuple[list[int], dict[str, Any]]]:
        """Take features of earlier sets, with this set's labels."""
        loader = self.loops[self.name].dataloader
        dataset, size = loader.dataset, loader.batch_size or 1
        for start in range(0, len(indices), size):
            part, samples, features = indices[start : start + size], [], []
            for index in part:
                kept, sample = self._videos.get(self.name, index)
                sample = sample.clone()
                sample.set_gt_label(dataset.get_data_info(index)['label'])
                samples.append(sample)
                features.append(kept)
            yield part, dict(data_samples=samples, features=features)

    def _run_batch(
        self, step: int, indices: list[int], batch: dict[str, Any]
    ) -> dict[int, Any]:
        """Classify a batch, and encode it if it has no features yet."""
        hook_args = dict(batch_idx=step, data_batch=batch)
        self.runner.call_hook('before_test_iter', **hook_args)
        with autocast(enabled=self.loops[self.name].fp16):
            if 'features' in batch:
                samples = batch['data_samples']
                device = next(self._model.parameters()).device
                features = map_tensors(
                    lambda *views: torch.cat(views).to(device),
                    *batch['features'],
                )
            else:
                features, samples = self._encode(indices, batch)
            outputs = self._model.classify_views(features, samples)
        self.runner.call_hook('after_test_iter', outputs=outputs, **hook_args)
        return dict(zip(indices, outputs, strict=True))

    def _encode(self, indices: list[int], batch: dict[str, Any]) -> tuple:
        data = self._model.data_preprocessor(batch, False)
        inputs, samples = data['inputs'], data['data_samples']
        features, views = self._model.encode_views(inputs), inputs.shape[1]
        for row, (index, sample) in enumerate(
            zip(indices, samples, strict=True)
        ):
            rows = slice(row * views, (row + 1) * views)
            self._videos.add(
                self.name,
                index,
                map_tensors(lambda t, rows=rows: t[rows], features),
                sample.cpu(),
            )
        return features, samples

    def _score(self, outputs: dict[int, Any], size: int) -> None:
        """Hand the evaluator what a sampler in order would have given it."""
        rank, world = get_rank(), get_world_size()
        if world > 1:
            mine = {index: output.cpu() for index, output in outputs.items()}
            for part in all_gather_object(mine):
                outputs.update(part)
        share = -(-size // world)
        self.evaluator.process(
            [outputs[(rank + k * world) % size] for k in range(share)]
        )


def _evaluators_by_name(
    evaluator: Mapping[str, Any] | Sequence[Mapping[str, Any]],
    names: list[str],
) -> dict[str, Any]:
    """Give every set an evaluator config, and files, of its own."""
    shared = evaluator if isinstance(evaluator, Sequence) else [evaluator]
    found: dict[str, list[Any]] = {name: [] for name in names}
    for metric in shared:
        own = isinstance(metric, Mapping) and not (
            {'type', 'metrics'} & set(metric)
        )
        if own and set(metric) != set(names):
            raise ValueError(
                f'test_evaluator has entries for {sorted(metric)}, but the '
                f'test sets are {sorted(names)}'
            )
        for name in names:
            mine = copy.deepcopy(metric[name] if own else metric)
            found[name] += mine if isinstance(mine, list) else [mine]
    if len(names) > 1:
        for name, metrics in found.items():
            _dump_apart(metrics, name)
    # an evaluator in place of metrics stands alone, not in a list
    return {n: m[0] if len(m) == 1 else m for n, m in found.items()}


def _dump_apart(metrics: Sequence[Any], name: str) -> None:
    """Put the name of a set into the files that ``DumpResults`` writes."""
    for metric in metrics:
        if isinstance(metric, dict) and 'out_file_path' in metric:
            path = Path(metric['out_file_path'])
            stem = f'{path.stem}_{name.replace("/", "_")}'
            metric['out_file_path'] = str(path.with_stem(stem))
