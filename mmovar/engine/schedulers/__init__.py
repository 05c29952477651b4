"""Schedules of the learning rate, registered in ``PARAM_SCHEDULERS``."""

from .timm_cosine_lr import TimmCosineLR

__all__ = ['TimmCosineLR']
