"""Read the sampled frames of an opened clip."""

import numpy as np
from mmaction.registry import TRANSFORMS
from mmcv.transforms import BaseTransform


@TRANSFORMS.register_module()
class ReadFrames(BaseTransform):
    """Read frames after :class:`OpenFrames`; replaces ``DecordDecode``.

    It reads ``frame_source`` and ``frame_inds`` (counted from 0) and adds
    ``imgs``, ``img_shape``, ``original_shape`` and ``damage``: what is wrong
    with the frames of the file, '' if nothing is.
    """

    def transform(self, results: dict) -> dict:
        """Read the frames, a repeated one once."""
        results['frame_inds'] = np.ravel(results['frame_inds'])
        source = results.pop('frame_source')
        frames = source.read(results['frame_inds'])
        results['imgs'], results['damage'] = frames, source.damage
        results['original_shape'] = frames[0].shape[:2]
        results['img_shape'] = frames[0].shape[:2]
        return results

    def __repr__(self) -> str:
        return f'{type(self).__name__}()'
