"""Write a record of each test set."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mmaction.registry import HOOKS
from mmengine.dist import is_main_process
from mmengine.hooks import Hook
from mmengine.runner import Runner

from mmovar.evaluation.record import Record, record_path


@HOOKS.register_module()
class RecordHook(Hook):
    """Write one record a test set as soon as it is done, with predictions.

    ``{folder}/{cell}.json`` holds the record, ``{cell}.npz`` beside it the
    best classes of each video. Both are written at once or not at all, so a
    test that is killed keeps the sets it has finished.

    Args:
        folder: Where records go.
        cells: Name of a test set to fields of :class:`Record`: ``cell``,
            ``protocol``, ``version``, ``method``, ``declared``, ...
        fields: Fields that all sets share, such as ``checkpoint``.

    Raises:
        ValueError: After a set, if no metric of it keeps predictions.
    """

    priority = 'VERY_LOW'  # after the hooks that may stop the run

    def __init__(
        self,
        folder: str | Path,
        cells: Mapping[str, Mapping[str, Any]],
        fields: Mapping[str, Any] | None = None,
    ) -> None:
        self.folder = Path(folder)
        self.cells = {name: dict(cell) for name, cell in cells.items()}
        self.fields = dict(fields or {})
        self._start = 0.0

    def before_test_epoch(self, runner: Runner) -> None:
        """Start the clock."""
        self._start = time.perf_counter()

    def after_test_epoch(
        self, runner: Runner, metrics: dict[str, float] | None = None
    ) -> None:
        """Write the record of the set that has run."""
        fields = self.cells.get(runner.test_loop.name)
        if fields is None or not is_main_process():
            return
        metric = _metric(runner.test_loop)
        found = metric.predictions
        file = record_path(self.folder, fields['cell']).with_suffix('.npz')
        found.save(file)
        record = Record(
            fractions=metric.fractions,
            values=metric.values,
            videos=len(found),
            unreadable=tuple(found.videos[found.unreadable].tolist()),
            predictions=file.name,
            seconds=round(time.perf_counter() - self._start, 2),
            **self.fields,
            **fields,
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
