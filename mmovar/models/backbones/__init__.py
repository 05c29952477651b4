"""Vision towers, registered in MMAction2's ``MODELS``."""

from .clip_vit import CLIPViT
from .context_attention import ContextAttention
from .context_block import ContextBlock
from .message_block import MessageBlock
from .neighbor_attention import NeighborAttention
from .prompted_clip_vit import PromptedCLIPViT
from .st_adapter_vit import STAdapterViT
from .tc_clip_vit import TCCLIPViT
from .vclip_vit import VCLIPViT
from .vita_clip_vit import VitaCLIPViT
from .xclip_vit import XCLIPViT

__all__ = [
    'CLIPViT',
    'ContextAttention',
    'ContextBlock',
    'MessageBlock',
    'NeighborAttention',
    'PromptedCLIPViT',
    'STAdapterViT',
    'TCCLIPViT',
    'VCLIPViT',
    'VitaCLIPViT',
    'XCLIPViT',
]
