"""Metrics that know the class names of the data."""

from .caption_retrieval_metric import CaptionRetrievalMetric
from .open_vocabulary_metric import OpenVocabularyMetric

__all__ = ['CaptionRetrievalMetric', 'OpenVocabularyMetric']
