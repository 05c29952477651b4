"""Top-1, top-5 and mean class accuracy over the classes of the data."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from mmaction.registry import METRICS
from mmengine.evaluator import BaseMetric


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
    - ``acc/unreadable``: the number of videos that could not be decoded.
      They are in all denominators, as wrong.

    Each sample needs ``pred_score`` of shape (C,), averaged over views, and
    ``gt_label``; C is the number of class names in ``dataset_meta``.

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
            best = torch.topk(score.float(), min(5, len(classnames))).indices
            self.results.append(
                dict(
                    truth=int(sample['gt_label']),
                    top=tuple(best.tolist()),
                    unreadable=sample.get('unreadable') is not None,
                )
            )

    def compute_metrics(self, results: list[dict]) -> dict[str, float]:
        """Reduce the samples of all processes to fractions and one count."""
        readable = [result for result in results if not result['unreadable']]
        hits = defaultdict(list)
        for result in results:
            hit = (
                not result['unreadable']
                and result['top'][0] == result['truth']
            )
            hits[result['truth']].append(hit)
        recalls = [sum(of_class) / len(of_class) for of_class in hits.values()]
        metrics = dict(
            top1=sum(map(sum, hits.values())) / len(results),
            top5=sum(r['truth'] in r['top'] for r in readable) / len(results),
            mean1=sum(recalls) / len(recalls),
        )
        classnames = self._classnames()
        for part, position in self.parts.items():
            words = [name.split()[position] for name in classnames]
            same = sum(
                words[r['top'][0]] == words[r['truth']] for r in readable
            )
            metrics[part] = same / len(results)
        metrics['unreadable'] = len(results) - len(readable)
        return metrics

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
