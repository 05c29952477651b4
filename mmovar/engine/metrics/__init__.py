"""Metrics that know the class names of the data."""

from mmovar.engine.metrics.caption_retrieval_metric import (
    CaptionRetrievalMetric,
)
from mmovar.engine.metrics.open_vocabulary_metric import OpenVocabularyMetric

__all__ = ['CaptionRetrievalMetric', 'OpenVocabularyMetric']
