"""Read the sampled frames of an opened clip."""

import numpy as np
from mmaction.registry import TRANSFORMS
from mmcv.transforms import BaseTransform


@TRANSFORMS.register_module()
class ReadFrames(BaseTransform):
    """Read frames after :class:`OpenFrames`; replaces ``DecordDecode``.

    It reads ``frame_source`` and ``frame_inds`` (counted from 0) and adds
    ``imgs``, ``img_shape`` and ``original_shape``.
    """

    def transform(self, results: dict) -> dict:
        """Read the frames, a repeated one once."""
        results['frame_inds'] = np.ravel(results['frame_inds'])
        frames = results.pop('frame_source').read(results['frame_inds'])
        results['imgs'] = frames
        results['original_shape'] = frames[0].shape[:2]
        results['img_shape'] = frames[0].shape[:2]
        return results

    def __repr__(self) -> str:
        return f'{type(self).__name__}()'
