import pytest
import torch
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample

from helpers.tiny_clip import recognizer_config, tiny_arch, write_weights
from mmovar.models import TCCLIPViT  # noqa: F401  (registers it)


@pytest.fixture
def model(tmp_path):
    config = recognizer_config(tmp_path)
    config['arch'] = tiny_arch(image_size=64)
    write_weights(tmp_path / 'clip.pt', config['arch'])
    config['backbone'] = dict(type='TCCLIPViT', seed_ratio=0.5, num_context=6)
    config['cls_head']['classnames'] = ['open the box', 'push ball']
    return MODELS.build(config).eval()


@pytest.fixture
def data():
    torch.manual_seed(0)
    inputs = torch.randn(1, 2, 3, 4, 64, 64)
    return dict(inputs=inputs, data_samples=[ActionDataSample()])


def test_a_large_change_makes_other_clusters(load_tool, model, data):
    tool = load_tool('profiling/near_ties')
    assert tool.change(model, data, 0, seed=0) == (False, 0, False)
    flipped, size, _ = tool.change(model, data, 0.5, seed=0)
    assert flipped and size > 1e-3
