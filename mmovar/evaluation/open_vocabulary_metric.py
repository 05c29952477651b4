"""Top-1, top-5 and mean class accuracy over the classes of the data."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from mmaction.registry import METRICS
from mmengine.evaluator import BaseMetric

from mmovar.benchmark.predictions import KEPT, Fraction, Predictions

from .video_names import video_names, video_path


@METRICS.register_module()
class OpenVocabularyMetric(BaseMetric):
    """Score predictions against the class names of the data set.

    All values are fractions in [0, 1]:

    - ``acc/top1``, ``acc/top5`` (the best of all, if there are fewer than
      five classes);
    - ``acc/mean1``: mean over the classes that occur in the data of their
      top-1 accuracy (MMAction2's counts an absent class that was predicted
      once as 0);
    - ``acc/{part}`` for each of ``parts``;
    - ``acc/background_error``, if samples have a ``background_label``: the
      share named after the background that was put behind them;
    - ``acc/unreadable``: the number of videos that could not be decoded.
      They are in all denominators, as wrong.

    Each sample needs ``pred_score`` of shape (C,), averaged over views, and
    ``gt_label``; C is the number of class names in ``dataset_meta``. After an
    evaluation the main process has :attr:`predictions`, :attr:`fractions` and
    :attr:`values`, which ``RecordHook`` writes.

    Args:
        parts: Name of a part to the position of its word in the class names:
            with ``dict(object=0, motion=1)``, 'box hopping' predicted for
            'box climbing' has the right object and the wrong motion.
        kwargs: Further arguments of MMEngine's ``BaseMetric``.

    Raises:
        ValueError: While testing, if a score is not finite or does not fit
            the class names, or a name has too few words for ``parts``.
    """

    default_prefix = 'acc'

    def __init__(
        self, parts: Mapping[str, int] | None = None, **kwargs
    ) -> None:
        super().__init__(**kwargs)
        self.parts = dict(parts or {})
        self.predictions: Predictions | None = None
        self.fractions: dict[str, Fraction] = {}
        self.values: dict[str, float] = {}

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Keep truth and best classes of a batch."""
        classnames = self._classnames()
        for sample in data_samples:
            score = sample['pred_score']
            if score.shape != (len(classnames),):
                raise ValueError(
                    f'pred_score has shape {tuple(score.shape)}, expected '
                    f'({len(classnames)},): one score for each class name of '
                    'the data, averaged over views (average_clips)'
                )
            if not score.isfinite().all():
                raise ValueError('pred_score is not finite')
            best = torch.topk(score.float(), min(KEPT, len(classnames)))
            self.results.append(
                dict(
                    path=video_path(sample, len(self.results)),
                    truth=int(sample['gt_label']),
                    best=best.indices.tolist(),
                    scores=best.values.tolist(),
                    unreadable=sample.get('unreadable') is not None,
                    background=sample.get('background_label'),
                )
            )

    def compute_metrics(self, results: list[dict]) -> dict[str, float]:
        """Reduce the samples of all processes to fractions and one count."""
        found = self.predictions = _gather(results, self._classnames())
        self.fractions = dict(found.fractions())
        for part, position in self.parts.items():
            words = [name.split()[position] for name in found.classnames]
            ids = np.unique(words, return_inverse=True)[1]
            same = ids[found.best[:, 0]] == ids[found.truth]
            hits = int((same & ~found.unreadable).sum())
            self.fractions[part] = hits, len(found)
        self.values = dict(mean1=found.mean_recall())
        metrics = {key: hit / of for key, (hit, of) in self.fractions.items()}
        unreadable = int(found.unreadable.sum())
        return dict(metrics, **self.values, unreadable=unreadable)

    def _classnames(self) -> tuple[str, ...]:
        """Return the class names of the data after a check of the parts."""
        classnames = (self.dataset_meta or {}).get('classes')
        if not classnames:
            raise ValueError(
                "the data set has no class names: metainfo['classes'] is "
                f'{classnames!r}'
            )
        for part, position in self.parts.items():
            for name in classnames:
                if not 0 <= position < len(name.split()):
                    raise ValueError(
                        f'parts: {part}={position}, but class name {name!r} '
                        f'has {len(name.split())} words (counted from 0)'
                    )
        return tuple(classnames)


def _gather(
    results: Sequence[Mapping[str, Any]], classnames: tuple[str, ...]
) -> Predictions:
    """Turn a dict a sample into arrays."""
    background = [result['background'] for result in results]
    return Predictions(
        videos=np.array(video_names([r['path'] for r in results]), str),
        truth=np.array([r['truth'] for r in results], np.int64),
        best=np.array([r['best'] for r in results], np.int64),
        scores=np.array([r['scores'] for r in results], np.float32),
        unreadable=np.array([r['unreadable'] for r in results], bool),
        classnames=classnames,
        background=None
        if None in background
        else np.array(background, np.int64),
    )
