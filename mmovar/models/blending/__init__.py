"""Blending of the clips of a batch: ``data_preprocessor.blending``."""

from .mixup_cutmix import MixupCutmix

__all__ = ['MixupCutmix']
