"""Batches whose clips are one tensor, made in the data workers."""

from collections.abc import Sequence
from typing import Any

from mmengine.dataset import pseudo_collate
from mmengine.registry import FUNCTIONS
from torch.utils.data import default_collate


@FUNCTIONS.register_module()
def stack_clips(batch: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Collate samples as ``pseudo_collate`` does, with stacked ``inputs``.

    One tensor comes from a worker faster than many, and can be pinned and
    copied to a GPU while that computes. ``ClipDataPreprocessor`` takes it;
    the loops of mmovar collate so where the model has that.

    Args:
        batch: Samples as ``PackActionInputs`` gives them; ``inputs``, if
            there are any, are uint8, (V, 3, T, H, W) for example.

    Returns:
        ``inputs`` (B, ...) and lists of all else.

    Raises:
        ValueError: If the clips are not of one size.
    """
    data = pseudo_collate(batch)
    if 'inputs' not in data:
        return data
    shapes = {
        tuple(clip.shape): sample.metainfo.get('filename', '?')
        for clip, sample in zip(
            data['inputs'], data['data_samples'], strict=True
        )
    }
    if len(shapes) > 1:
        found = ', '.join(f'{shape} ({f})' for shape, f in shapes.items())
        raise ValueError(
            f'clips of a batch differ in size: {found}. Crop or resize them '
            "to one size, or set collate_fn=dict(type='pseudo_collate') of "
            'the dataloader, with which zeros pad the smaller ones'
        )
    return {**data, 'inputs': default_collate(data['inputs'])}
