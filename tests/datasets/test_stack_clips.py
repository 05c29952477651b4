"""Clips are stacked where they are loaded."""

import pytest
import torch
from mmaction.structures import ActionDataSample
from mmengine.dataset import pseudo_collate
from torch.utils.data import DataLoader

from mmovar.datasets import stack_clips


def sample(index, width=6):
    data_sample = ActionDataSample(metainfo=dict(filename=f'{index}.mp4'))
    clip = torch.full((1, 3, 2, 4, width), index, dtype=torch.uint8)
    return dict(inputs=clip, data_samples=data_sample.set_gt_label(index))


@pytest.mark.parametrize('workers', [0, 1])
def test_inputs_are_one_tensor_and_the_rest_is_as_ever(workers):
    samples = [sample(index) for index in range(3)]
    loader = DataLoader(
        samples, 3, num_workers=workers, collate_fn=stack_clips
    )
    (batch,) = loader
    plain = pseudo_collate(samples)
    assert batch['inputs'].dtype == torch.uint8
    assert torch.equal(batch['inputs'], torch.stack(plain['inputs']))
    for mine, other in zip(
        batch['data_samples'], plain['data_samples'], strict=True
    ):
        assert mine.metainfo == other.metainfo
        assert mine.gt_label == other.gt_label


def test_clips_of_two_sizes_are_named():
    with pytest.raises(ValueError, match=r'4, 6\) \(0.mp4\).*4, 8\) \(1.mp4'):
        stack_clips([sample(0), sample(1, width=8)])
