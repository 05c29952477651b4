"""Necks, registered in MMAction2's ``MODELS``."""

from .temporal_transformer import TemporalTransformer

__all__ = ['TemporalTransformer']
