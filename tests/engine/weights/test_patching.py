import pytest
import torch

from mmovar.engine.weights.patching import patch, resolve_alpha


def drawn(seed, dtype=torch.float32, **extra):
    generator = torch.Generator().manual_seed(seed)
    weight = torch.randn(50, generator=generator).to(dtype)
    return dict(weight=weight, **extra)


@pytest.mark.parametrize('dtype', [torch.float32, torch.float16])
def test_ends_are_exact_and_the_middle_is_the_mean(dtype):
    clip, tuned = drawn(0, dtype), drawn(1, dtype)
    assert torch.equal(patch(clip, tuned, 0)['weight'], clip['weight'])
    assert torch.equal(patch(clip, tuned, 1)['weight'], tuned['weight'])
    mean = (clip['weight'].float() + tuned['weight'].float()) / 2
    half = patch(clip, tuned, 0.5)['weight']
    assert half.dtype == dtype
    torch.testing.assert_close(half, mean.to(dtype))


def test_alpha_is_the_share_of_the_fine_tuned():
    clip, tuned = dict(w=torch.zeros(1)), dict(w=torch.ones(1))
    assert patch(clip, tuned, 0.25)['w'] == 0.25


def test_weights_that_clip_lacks_stay_and_nothing_is_shared():
    tuned = drawn(1, adapter=torch.ones(2), count=torch.tensor(3))
    patched = patch(drawn(0), tuned, 0)
    assert torch.equal(patched['adapter'], torch.ones(2))
    assert patched['count'] == 3
    assert list(patched) == list(tuned)
    patched['adapter'].zero_()
    assert torch.equal(tuned['adapter'], torch.ones(2))


def test_keys_and_shapes_must_match():
    with pytest.raises(ValueError, match=r"lack 1 of CLIP, .*'more'.*weight"):
        patch(drawn(0, more=torch.zeros(1)), drawn(1), 0.5)
    with pytest.raises(ValueError, match=r'shape \(1,\) in CLIP and \(50,\)'):
        patch(dict(weight=torch.zeros(1)), drawn(1), 0.5)


def test_conventions_of_the_papers():
    assert resolve_alpha(alpha=0.3) == 0.3
    assert resolve_alpha(wise_ft=0.3, alpha=None) == 0.3
    assert resolve_alpha(open_vclip_ratio=0.6) == pytest.approx(0.4)


@pytest.mark.parametrize(
    ('values', 'message'),
    [
        ({}, r"need one of \['alpha', 'wise_ft', 'open_vclip_ratio'\]"),
        (dict(alpha=0.5, wise_ft=0.5), 'need one of'),
        (dict(ratio=0.5), "got {'ratio': 0.5}"),
        (dict(open_vclip_ratio=1.2), r'must be in 0\.\.1, got 1\.2'),
        (dict(alpha=float('nan')), 'got nan'),
    ],
)
def test_other_values_are_refused(values, message):
    with pytest.raises(ValueError, match=message):
        resolve_alpha(**values)
