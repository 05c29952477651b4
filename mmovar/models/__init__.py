"""Backbones, heads, recognizers and losses."""

from .backbones import (
    CLIPViT,
    PromptedCLIPViT,
    STAdapterViT,
    TCCLIPViT,
    VCLIPViT,
    VitaCLIPViT,
    XCLIPViT,
)
from .blending import MixupCutmix
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
    'MixupCutmix',
    'PromptedCLIPViT',
    'STAdapterViT',
    'TCCLIPViT',
    'TemporalTransformer',
    'TextHead',
    'VCLIPViT',
    'VideoSpecificTextHead',
    'VitaCLIPViT',
    'WeightDecayToCLIP',
    'XCLIPViT',
]
