"""Backbones, heads, recognizers and losses."""

from .backbones import CLIPViT, PromptedCLIPViT, VCLIPViT
from .heads import FROSTERTextHead, TextHead
from .losses import FeatureDistillation, WeightDecayToCLIP
from .recognizers import CLIPEnsemble, CLIPRecognizer

__all__ = [
    'CLIPEnsemble',
    'CLIPRecognizer',
    'CLIPViT',
    'FROSTERTextHead',
    'FeatureDistillation',
    'PromptedCLIPViT',
    'TextHead',
    'VCLIPViT',
    'WeightDecayToCLIP',
]
