"""CLIP in plain torch: towers, tokenizers, weights."""

from .attention import Attention, AttentionWeights
from .config import CLIPConfig, TextConfig, VisionConfig, clip_config
from .text import TextTransformer
from .tokenizer import BytePairTokenizer, WordTokenizer, build_tokenizer
from .transformer import (
    AttentionFactory,
    Block,
    BlockFactory,
    BlockWeights,
    LayerNorm,
    QuickGELU,
    RowSelector,
    Transformer,
)
from .vision import VisionTransformer
from .weights import (
    load_clip_state_dict,
    merge_clip_state_dict,
    mix,
    recognizer_name,
    split_clip,
)

__all__ = [
    'Attention',
    'AttentionFactory',
    'AttentionWeights',
    'Block',
    'BlockFactory',
    'BlockWeights',
    'BytePairTokenizer',
    'CLIPConfig',
    'LayerNorm',
    'QuickGELU',
    'RowSelector',
    'TextConfig',
    'TextTransformer',
    'Transformer',
    'VisionConfig',
    'VisionTransformer',
    'WordTokenizer',
    'build_tokenizer',
    'clip_config',
    'load_clip_state_dict',
    'merge_clip_state_dict',
    'mix',
    'recognizer_name',
    'split_clip',
]
