"""Write a record of each test set."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mmaction.registry import HOOKS
from mmengine.dist import is_main_process
from mmengine.hooks import Hook
from mmengine.runner import Runner

from mmovar.benchmark.record import Record, record_path

from ..views import views_of


@HOOKS.register_module()
class RecordHook(Hook):
    """Write a record of each tested cell as soon as it is done.

    ``{folder}/{cell}.json`` holds the record, ``{cell}.npz`` beside it the
    best classes of each video. Both are written at once or not at all, so a
    test that is killed keeps the sets it has finished.

    Args:
        folder: Where records go.
        fields: Fields of :class:`Record` that all cells share, such as
            ``method`` and ``checkpoint``.

    Raises:
        ValueError: After a set, if no metric of it keeps predictions.
    """

    priority = 'VERY_LOW'  # after the hooks that may stop the run

    def __init__(
        self,
        folder: str | Path,
        fields: Mapping[str, Any] | None = None,
    ) -> None:
        self.folder = Path(folder)
        self.fields = dict(fields or {})
        self._start = 0.0

    def before_test_epoch(self, runner: Runner) -> None:
        """Start the clock."""
        self._start = time.perf_counter()

    def after_test_epoch(
        self, runner: Runner, metrics: dict[str, float] | None = None
    ) -> None:
        """Write the record of the set that has run."""
        loop = runner.test_loop
        if loop.name not in loop.cells or not is_main_process():
            return
        protocol, cell = loop.cells[loop.name]
        metric = _metric(loop)
        found = metric.predictions
        file = record_path(self.folder, cell.name).with_suffix('.npz')
        found.save(file)
        record = Record(
            cell=cell.name,
            protocol=protocol.name,
            version=cell.version,
            declared=cell.to_dict(),
            views=dict(
                views_of(
                    runner.cfg,
                    loop.datasets[loop.name],
                    loop.clip_share(loop.name),
                ),
                precision=loop.precision,
            ),
            fractions=metric.fractions,
            values=metric.values,
            videos=len(found),
            unreadable=tuple(found.videos[found.unreadable].tolist()),
            predictions=file.name,
            seconds=round(time.perf_counter() - self._start, 2),
            **self.fields,
        )
        runner.logger.info(f'record: {record.write(self.folder)}')


def _metric(loop: Any) -> Any:
    """Return the metric that keeps predictions."""
    for metric in loop.evaluator.metrics:
        if getattr(metric, 'predictions', None) is not None:
            return metric
    raise ValueError(
        f'no metric of test set {loop.name} keeps predictions; use '
        'OpenVocabularyMetric or CaptionRetrievalMetric'
    )
