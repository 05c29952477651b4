"""Backbones, heads and recognizers."""

from .backbones import CLIPViT, VCLIPViT
from .heads import TextHead
from .recognizers import CLIPRecognizer

__all__ = ['CLIPRecognizer', 'CLIPViT', 'TextHead', 'VCLIPViT']
