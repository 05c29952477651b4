"""Vision towers, registered in MMAction2's ``MODELS``."""

from .clip_vit import CLIPViT
from .neighbor_attention import NeighborAttention
from .prompted_clip_vit import PromptedCLIPViT
from .vclip_vit import VCLIPViT

__all__ = ['CLIPViT', 'NeighborAttention', 'PromptedCLIPViT', 'VCLIPViT']
