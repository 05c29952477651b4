"""Recall of finding videos by text."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from mmaction.registry import METRICS
from mmengine.evaluator import BaseMetric

from mmovar.benchmark.predictions import Fraction, Predictions
from mmovar.benchmark.retrieval import recalls

from .video_names import video_names, video_path


@METRICS.register_module()
class CaptionRetrievalMetric(BaseMetric):
    """Recall at 1, 5 and 10 in both directions, where classes are captions.

    ``gt_label`` is the caption of a video, ``pred_score`` its scores with all
    captions of the data. ``retrieval/R@1`` is text to video,
    ``retrieval/V2T R@1`` video to text; fractions in [0, 1]. Scores of
    different videos are compared, so they must be logits
    (``average_clips='score'``), not probabilities over the captions.

    After an evaluation the main process has :attr:`fractions` and, of video
    to text, :attr:`predictions`.

    Args:
        depths: How many of the best count.
        kwargs: Further arguments of MMEngine's ``BaseMetric``.

    Raises:
        ValueError: If a depth is below 1.
    """

    default_prefix = 'retrieval'

    def __init__(self, depths: Sequence[int] = (1, 5, 10), **kwargs) -> None:
        super().__init__(**kwargs)
        if not depths or min(depths) < 1:
            raise ValueError(f'depths must be >= 1, got {depths}')
        self.depths = tuple(depths)
        self.predictions: Predictions | None = None
        self.fractions: dict[str, Fraction] = {}
        self.values: dict[str, float] = {}

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Keep all scores of a batch."""
        for sample in data_samples:
            self.results.append(
                dict(
                    path=video_path(sample, len(self.results)),
                    truth=int(sample['gt_label']),
                    scores=sample['pred_score'].float().cpu().numpy(),
                    unreadable=sample.get('unreadable') is not None,
                )
            )

    def compute_metrics(self, results: list[dict]) -> dict[str, float]:
        """Rank all videos for each text, and all texts for each video."""
        scores = np.stack([result['scores'] for result in results])
        truth = np.array([result['truth'] for result in results])
        unreadable = np.array([result['unreadable'] for result in results])
        self.fractions = recalls(scores, truth, self.depths, ~unreadable)
        self.predictions = Predictions.from_scores(
            video_names([result['path'] for result in results]),
            truth,
            scores,
            tuple(self.dataset_meta['classes']),
            unreadable,
        )
        metrics = {key: hit / of for key, (hit, of) in self.fractions.items()}
        return dict(metrics, unreadable=int(unreadable.sum()))
