"""Blocks of each tower can be compiled: equal numbers, few graphs."""

import copy

import pytest
import torch
from mmaction.registry import MODELS
from torch import nn
from torch._dynamo.testing import CompileCounterWithBackend

from helpers.tiny_clip import (
    gradient_difference,
    gradients,
    largest_difference,
    tiny_arch,
)
from mmovar.clip import BlockWeights
from mmovar.visualization.attention_record import record_attention

SLOW = pytest.mark.slow
GRAPHS = [
    (dict(type='VCLIPViT'), 2),
    pytest.param(dict(type='CLIPViT'), 2, marks=SLOW),
    pytest.param(dict(type='CLIPViT', with_cp=True), 2, marks=SLOW),
    pytest.param(dict(type='VCLIPViT', border='clamp'), 2, marks=SLOW),
    pytest.param(dict(type='VCLIPViT', border='mask'), 2, marks=SLOW),
    pytest.param(
        dict(type='PromptedCLIPViT', n_ctx=2, depth=3), 4, marks=SLOW
    ),
    pytest.param(dict(type='XCLIPViT'), 1, marks=SLOW),
    pytest.param(dict(type='STAdapterViT'), 2, marks=SLOW),
    pytest.param(dict(type='VitaCLIPViT', num_frames=4), 2, marks=SLOW),
    pytest.param(dict(type='TCCLIPViT', num_context=8), 3, marks=SLOW),
    pytest.param(
        dict(type='TCCLIPViT', num_context=8, with_cp=True), 3, marks=SLOW
    ),
]


def build(**config):
    """A tower of four layers that all take part."""
    torch.manual_seed(0)
    tower = MODELS.build(dict(config, arch=tiny_arch(layers=4))).train()
    for parameter in tower.parameters():
        if not parameter.any():
            nn.init.normal_(parameter, std=0.1)
    return tower


def run(tower, x):
    """Features and gradients."""
    tower.zero_grad()
    out = tower(x)
    out = out[0] if isinstance(out, tuple) else out
    out.sin().sum().backward()
    return out.detach(), gradients(tower)


def compile_blocks(tower, backend):
    for module in tower.modules():
        if isinstance(module, BlockWeights):
            module.compile(backend=backend)


@pytest.fixture(autouse=True)
def fresh_dynamo():
    torch._dynamo.reset()
    torch._dynamo.utils.counters.clear()
    yield
    torch._dynamo.reset()


@pytest.mark.parametrize(('config', 'graphs'), GRAPHS)
def test_equal_numbers_from_few_graphs(config, graphs):
    tower, x = build(**config), torch.randn(2, 3, 4, 32, 32)
    expected, expected_gradients = run(tower, x)
    names = list(tower.state_dict())
    backend = CompileCounterWithBackend('aot_eager')
    compile_blocks(tower, backend)
    out, found = run(tower, x)
    assert largest_difference(out, expected) < 1e-5
    assert gradient_difference(found, expected_gradients) < 1e-5
    assert backend.frame_count == graphs
    assert torch._dynamo.utils.counters['graph_break'] == {}
    assert list(tower.state_dict()) == names


def test_copies_and_weights_changed_in_place():
    tower, x = build(type='VCLIPViT'), torch.randn(1, 3, 4, 32, 32)
    compile_blocks(tower, 'eager')
    tower(x)
    with torch.no_grad():
        torch._foreach_mul_(list(tower.parameters()), 0.5)
    twin = copy.deepcopy(tower)
    assert twin.transformer.resblocks[0]._compiled_call_impl is None
    assert largest_difference(tower(x), twin(x)) < 1e-6


def test_attention_is_recorded():
    tower, x = build(type='VCLIPViT'), torch.randn(1, 3, 4, 32, 32)
    with record_attention(tower) as expected:
        tower(x)
    compile_blocks(tower, 'eager')
    tower(x)
    with record_attention(tower) as layers:
        tower(x)
    assert len(layers) == len(expected) == 4
    for layer, other in zip(layers, expected, strict=True):
        assert largest_difference(layer.weights, other.weights) < 1e-6


@SLOW
def test_exported_model_is_that_of_eager_blocks():
    tower, x = build(type='VCLIPViT').eval(), torch.randn(1, 3, 4, 32, 32)
    expected = tower(x)
    compile_blocks(tower, 'eager')
    exported = torch.export.export(tower, (x,)).module()
    assert largest_difference(exported(x), expected) < 1e-6
