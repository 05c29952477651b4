"""Decode the sampled frames of an opened video."""

from mmaction.registry import TRANSFORMS

from .read_frames import ReadFrames


@TRANSFORMS.register_module()
class VideoDecode(ReadFrames):
    """Decode frames after :class:`VideoInit`; replaces ``DecordDecode``.

    It reads ``frame_source`` and ``frame_inds`` (counted from 0) and adds
    ``imgs``, ``img_shape``, ``original_shape`` and ``damage``: what is wrong
    with the frames of the file, '' if nothing is.
    """

    def transform(self, results: dict) -> dict:
        """Decode the frames, a repeated one once."""
        source = results['frame_source']
        super().transform(results)
        results['damage'] = source.damage
        return results
