import pytest
import torch

from mmovar.models.heads.fingerprint import fingerprint

DTYPES = [torch.float32, torch.float64, torch.bfloat16, torch.float16]


@pytest.mark.parametrize('dtype', DTYPES)
def test_it_sees_changes_through_data(dtype):
    weights = [torch.randn(3, 4).to(dtype), torch.randn(2).to(dtype)]
    before = fingerprint(weights)
    assert fingerprint(weights) == before
    version = weights[1]._version
    weights[1].data.mul_(2)
    assert weights[1]._version == version
    after = fingerprint(weights)
    assert after[0] == before[0] and after[1] != before[1]


def test_it_sees_nan_and_views():
    weights = torch.ones(4, 6)
    assert fingerprint([weights[:, ::2]]) == fingerprint([weights[:, 1::2]])
    before = fingerprint([weights])
    weights[1, 2] = torch.nan
    assert fingerprint([weights]) != before
    assert fingerprint([weights]) == fingerprint([weights])


@pytest.mark.parametrize('dtype', DTYPES)
@pytest.mark.parametrize('shape', [(), (6,), (4, 6), (3, 2, 2)])
def test_it_sees_changes_of_sign_and_order(dtype, shape):
    torch.manual_seed(0)
    weights = torch.randn(shape).to(dtype)
    prints = [fingerprint([weights]), fingerprint([-weights])]
    if shape:
        prints.append(fingerprint([weights.flip(0)]))
    assert len(set(prints)) == len(prints)
