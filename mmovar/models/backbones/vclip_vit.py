"""VCLIP: CLIP's vision tower whose frames attend to their neighbours."""

from functools import partial

from mmaction.registry import MODELS

from .clip_vit import CLIPViT
from .neighbor_attention import NeighborAttention


@MODELS.register_module()
class VCLIPViT(CLIPViT):
    r"""CLIP's ViT with keys and values of frames t-1, t and t+1.

    The learner of Open-VCLIP and of Open-MeDe. It has exactly CLIP's
    parameters, so CLIP's weights start it and can be mixed with its own.

    Under mean pooling it is exactly invariant to time reversal, whatever its
    weights: past and future keys enter one softmax without a position, the
    border rule is symmetric, and the mean forgets the order. It tells fast
    from slow, but no training makes it tell opening from closing.

    Source: Open-VCLIP (ICML 2023), section 3.1; the border rule ``'zero'`` is
    that of its released code.

    Args:
        border: ``'zero'``, ``'clamp'`` or ``'mask'``, see
            :class:`NeighborAttention`. With ``'clamp'``, a video of equal
            frames is encoded as CLIP encodes the frame.
        kwargs: As :class:`CLIPViT`.
    """

    def __init__(self, *args, border: str = 'zero', **kwargs) -> None:
        attention = partial(NeighborAttention, border=border)
        super().__init__(*args, attention=attention, **kwargs)
