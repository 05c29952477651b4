"""How many calls a training step makes on a GPU, counted on a CPU."""

import pytest
import torch
from mmengine.registry import init_default_scope

from helpers.tiny_config import CONFIGS
from mmovar.apis import load_config
from mmovar.clip import TextTransformer

LIMITS = {
    'open_vclip/k400_plain': 640,
    'open_mede/k400_zs': 1490,
    'vifi_clip/k400_zs': 960,
    'tc_clip/k400_zs': 2160,
}
"""5 % above what was counted: 610, 1422, 911, 2061."""


@pytest.fixture
def calls(load_tool):
    return load_tool('profiling/calls')


def test_what_computes_is_counted_forward_and_backward(calls):
    x = torch.ones(3, 4, requires_grad=True)

    def step():
        (x.T.reshape(12)[None] * 2).view(4, 3).sum().backward()

    found = calls.count_calls(step)
    found.pop('ones_like')  # the gradient of the sum
    # .T.reshape copies; the gradient is multiplied and, at last, added
    assert found == {'clone': 1, 'mul': 2, 'sum': 1, 'add_': 1}


def test_a_fused_step_is_one_call(calls):
    weights = [torch.ones(2, requires_grad=True) for _ in range(20)]
    for weight in weights:
        weight.grad = torch.ones(2)
    found = {
        fused: calls.count_calls(torch.optim.AdamW(weights, fused=fused).step)
        for fused in (False, True)
    }
    assert found[True].total() <= 2
    assert found[False].total() > 100


@pytest.mark.parametrize('name', LIMITS)
def test_a_step_makes_few_calls(calls, monkeypatch, name):
    monkeypatch.setattr(TextTransformer, 'strategy', 'padded')
    init_default_scope('mmaction')
    config = load_config(CONFIGS / f'{name}.py')
    found = calls.count_calls(calls.step_of(config))
    assert found.total() <= LIMITS[name], found.most_common(10)
