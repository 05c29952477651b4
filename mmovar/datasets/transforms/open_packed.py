"""Open a video of a packed store."""

import os

from mmaction.registry import TRANSFORMS
from mmcv.transforms import BaseTransform

from ..io.packed_store import open_store
from .video_init import _FPS


@TRANSFORMS.register_module()
class OpenPacked(BaseTransform):
    """Open a video that was packed; replaces ``VideoInit``.

    It reads ``filename``, whose end is looked up in the store, and adds
    ``total_frames``, ``avg_fps`` and ``frame_source``, which
    :class:`VideoDecode` reads. Samplers see the video as it was; a frame that
    is not stored is replaced by the nearest one that is.

    Args:
        store: Folder that ``tools/data/pack.py`` has written.

    Raises:
        FileNotFoundError: If the store does not exist, or lacks the video.
        OSError: If the video could not be packed.
    """

    def __init__(self, store: str | os.PathLike) -> None:
        open_store(store)
        self.store = os.fspath(store)

    def transform(self, results: dict) -> dict:
        """Open the video."""
        source = open_store(self.store).open(results['filename'])
        results['frame_source'] = source
        results['total_frames'] = len(source)
        results['avg_fps'] = source.fps or _FPS
        return results

    def __repr__(self) -> str:
        return f'{type(self).__name__}(store={self.store!r})'
