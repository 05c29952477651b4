"""Stacked clips and lists of clips are the same to a model."""

import pytest
import torch
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample

import mmovar  # noqa: F401

PIXELS = dict(mean=[120, 110, 100], std=[60, 55, 50], format_shape='NCTHW')


def build(kind, **more):
    return MODELS.build(dict(type=kind, **PIXELS, **more))


def batch(stacked, size=4):
    torch.manual_seed(0)
    clips = torch.randint(0, 256, (size, 2, 3, 2, 5, 6), dtype=torch.uint8)
    samples = [ActionDataSample().set_gt_label(i) for i in range(size)]
    return dict(inputs=clips if stacked else list(clips), data_samples=samples)


@pytest.mark.parametrize('stacked', [False, True])
@pytest.mark.parametrize('more', [{}, dict(to_rgb=True)])
def test_clips_are_normalised_as_the_stock_preprocessor_does(stacked, more):
    mine = build('ClipDataPreprocessor', **more)(batch(stacked), True)
    stock = build('ActionDataPreprocessor', **more)(batch(False), True)
    assert mine['inputs'].dtype == torch.float32
    assert torch.equal(mine['inputs'], stock['inputs'])


def test_stacked_clips_are_blended_as_a_list_is():
    results = []
    for stacked in (False, True):
        blending = dict(type='MixupCutmix', num_classes=4)
        data = build('ClipDataPreprocessor', blending=blending)(
            batch(stacked), training=True
        )
        labels = torch.stack([s.gt_label for s in data['data_samples']])
        results.append((data['inputs'], labels))
    assert torch.equal(results[0][0], results[1][0])
    assert torch.equal(results[0][1], results[1][1])


def test_copies_do_not_make_the_program_wait(monkeypatch):
    asked = []
    to = torch.Tensor.to

    def note(self, *args, **kwargs):
        asked.append((self.dtype, kwargs.get('non_blocking')))
        return to(self, *args, **kwargs)

    monkeypatch.setattr(torch.Tensor, 'to', note)
    build('ClipDataPreprocessor').cast_data(batch(True)['inputs'])
    assert asked == [(torch.uint8, True)]
