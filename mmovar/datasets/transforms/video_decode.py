"""Decode the sampled frames of an opened video."""

from mmaction.registry import TRANSFORMS

from .read_frames import ReadFrames


@TRANSFORMS.register_module()
class VideoDecode(ReadFrames):
    """Decode frames after :class:`VideoInit`; replaces ``DecordDecode``.

    All is as in :class:`ReadFrames`.
    """
