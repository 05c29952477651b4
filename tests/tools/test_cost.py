import pytest
from mmengine.config import Config

from helpers.tiny_clip import tiny_arch


@pytest.fixture
def cost(load_tool):
    return load_tool('profiling/cost')


def config(backbone):
    steps = [dict(type='SegmentSample', num_frames=4, test_mode=True)]
    return Config(
        dict(
            model=dict(
                type='CLIPEnsemble',
                ratio=0.5,
                arch=tiny_arch(),
                backbone=dict(type=backbone),
                cls_head=dict(type='TextHead', templates='bare'),
            ),
            test_dataloader=dict(
                dataset=dict(type='OpenVocabularyDataset', pipeline=steps)
            ),
        )
    )


def test_multiply_adds_are_those_of_the_tower(cost):
    found = cost.cost_of(config('CLIPViT'), batch_size=2, repeats=1)
    width, patches, side, layers = 32, 4, 16, 3
    tokens = patches + 1
    patch = patches * width * 3 * side**2
    attention = 2 * tokens**2 * width
    block = 12 * tokens * width**2 + attention
    last = 2 * tokens * width**2 + 10 * width**2 + 2 * tokens * width
    frame = patch + (layers - 1) * block + last + width * 24
    expected = 4 * frame + 4 * 8 * 24  # logits of 8 names
    assert found['gflops'] * 1e9 == pytest.approx(expected, rel=0.01)
    assert found['frames'] == 4
    assert found['tuned_M'] < found['params_M']
    assert found['videos_s'] > 0 and found['memory_MiB'] > 0


def test_numbers_of_the_papers_stand_below(cost):
    lines = cost.of_paper('ViFi-CLIP')
    assert 'gflops 281 (vifi-clip, Table 6)' in lines
    with pytest.raises(ValueError, match="'MAXI' is none of"):
        cost.of_paper('MAXI')
