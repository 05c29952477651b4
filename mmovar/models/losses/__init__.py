"""Losses beside the head's: regularisers towards CLIP.

``CLIPRecognizer(auxiliary_losses=[dict(type=...), ...])`` builds them and
adds what they return to the loss of the head.
"""

from .feature_distillation import FeatureDistillation
from .weight_decay_to_clip import WeightDecayToCLIP

__all__ = ['FeatureDistillation', 'WeightDecayToCLIP']
