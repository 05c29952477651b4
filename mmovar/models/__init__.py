"""Backbones, heads, recognizers and losses."""

from .backbones import (
    CLIPViT,
    PromptedCLIPViT,
    STAdapterViT,
    VCLIPViT,
    VitaCLIPViT,
    XCLIPViT,
)
from .heads import FROSTERTextHead, TextHead, VideoSpecificTextHead
from .losses import FeatureDistillation, WeightDecayToCLIP
from .necks import TemporalTransformer
from .recognizers import CLIPEnsemble, CLIPRecognizer

__all__ = [
    'CLIPEnsemble',
    'CLIPRecognizer',
    'CLIPViT',
    'FROSTERTextHead',
    'FeatureDistillation',
    'PromptedCLIPViT',
    'STAdapterViT',
    'TemporalTransformer',
    'TextHead',
    'VCLIPViT',
    'VideoSpecificTextHead',
    'VitaCLIPViT',
    'WeightDecayToCLIP',
    'XCLIPViT',
]
