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
from .clip_data_preprocessor import ClipDataPreprocessor
from .heads import (
    A5TextHead,
    ActionCLIPTextHead,
    FROSTERTextHead,
    LateFusionTextHead,
    LearnablePromptTextHead,
    TextHead,
    VideoConditionalTextHead,
    VideoSpecificTextHead,
)
from .losses import FeatureDistillation, WeightDecayToCLIP
from .necks import TemporalTransformer
from .recognizers import CLIPEnsemble, CLIPRecognizer

__all__ = [
    'A5TextHead',
    'ActionCLIPTextHead',
    'CLIPEnsemble',
    'CLIPRecognizer',
    'CLIPViT',
    'ClipDataPreprocessor',
    'FROSTERTextHead',
    'FeatureDistillation',
    'LateFusionTextHead',
    'LearnablePromptTextHead',
    'MixupCutmix',
    'PromptedCLIPViT',
    'STAdapterViT',
    'TCCLIPViT',
    'TemporalTransformer',
    'TextHead',
    'VCLIPViT',
    'VideoConditionalTextHead',
    'VideoSpecificTextHead',
    'VitaCLIPViT',
    'WeightDecayToCLIP',
    'XCLIPViT',
]
