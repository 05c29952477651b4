"""Read Action-Swap clips: a person before another video's background."""

from mmaction.registry import TRANSFORMS
from mmcv.transforms import BaseTransform

from ..io.open_video import open_frames
from ..out_of_context.action_swap import ActionSwap
from ..out_of_context.composition import INDEX_RULES

ALIGNMENTS = ('first_frame', 'first_sampled')


@TRANSFORMS.register_module()
class SwapBackground(BaseTransform):
    """Render frames of HAT's Action-Swap; replaces ``DecordDecode``.

    It reads ``frame_source`` and ``frame_inds`` of the foreground, its masks
    in ``mask_folder``, and of the background ``background_folder``,
    ``background_mask_folder`` and ``background_frames``. It adds ``imgs``,
    ``img_shape`` and ``original_shape``, those of the resized background, and
    ``damage`` of the foreground or the background. See :class:`ActionSwap`
    for how frames are rendered.

    Args:
        index_rule: Which background frame goes with a foreground frame,
            ``'hat'`` or ``'devias'``, see :func:`background_indices`.
        align: Frame whose people are brought to one place.
            ``'first_frame'``: frame 0, so that a video is the same whatever
            is sampled. ``'first_sampled'``: the first of all frames that were
            sampled, as in the loader of HAT.
        tolerance: Frames that masks and background may lack at the end (tools
            that extract frames differ); the last one stands in.

    Raises:
        ValueError: If an argument is not one of the allowed.
        OSError: On frames or masks that are missing or truncated.
    """

    def __init__(
        self,
        index_rule: str = 'hat',
        align: str = 'first_frame',
        tolerance: int = 2,
    ) -> None:
        if index_rule not in INDEX_RULES or align not in ALIGNMENTS:
            raise ValueError(
                f'index_rule {index_rule!r} must be one of {INDEX_RULES}, '
                f'align {align!r} one of {ALIGNMENTS}'
            )
        if not tolerance >= 0:
            raise ValueError(f'tolerance must be >= 0, got {tolerance}')
        self.index_rule, self.align = index_rule, align
        self.tolerance = tolerance

    def transform(self, results: dict) -> dict:
        """Render the sampled frames."""
        counts = results['total_frames'], results['background_frames']
        masks, scenes, scene_masks = (
            open_frames(results[key], count, self.tolerance)
            for key, count in (
                ('mask_folder', counts[0]),
                ('background_folder', counts[1]),
                ('background_mask_folder', counts[1]),
            )
        )
        source = results.pop('frame_source')
        swap = ActionSwap(
            source, masks, scenes, scene_masks, counts, self.index_rule
        )
        indices = results['frame_inds']
        first = 0 if self.align == 'first_frame' else indices[0]
        results['imgs'] = swap.render(indices, swap.shift(int(first)))
        results['damage'] = source.damage or scenes.damage
        shape = results['imgs'][0].shape[:2]
        results['original_shape'] = results['img_shape'] = shape
        return results

    def __repr__(self) -> str:
        return (
            f'{type(self).__name__}(index_rule={self.index_rule!r}, '
            f'align={self.align!r}, tolerance={self.tolerance})'
        )
