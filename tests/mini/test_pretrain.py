"""Pre-training of the tiny CLIP."""

import math

import pytest
import torch

from mmovar.apis import load_config
from mmovar.clip import load_clip_state_dict
from mmovar.mini.pretrain import (
    PretrainRecipe,
    contrastive_loss,
    mini_arch,
    pretrain,
)
from mmovar.mini.probe import probe

TWO_STEPS = PretrainRecipe(num_stills=16, epochs=1, batch_size=8)


@pytest.fixture(scope='module')
def weights():
    return pretrain(0, TWO_STEPS)


def test_weights_are_those_of_a_clip(weights, tmp_path):
    torch.save(weights, tmp_path / 'clip.pt')
    loaded = load_clip_state_dict(tmp_path / 'clip.pt', mini_arch())
    assert loaded.keys() == weights.keys()


def test_same_seed_gives_same_weights_and_leaves_torch_alone(weights):
    state = torch.get_rng_state()
    again = pretrain(0, TWO_STEPS)
    assert torch.equal(state, torch.get_rng_state())
    assert all(torch.equal(weights[key], again[key]) for key in weights)
    other = pretrain(1, TWO_STEPS)
    assert not torch.equal(weights['visual.proj'], other['visual.proj'])


def test_probe_scores_every_word_class(weights):
    scores = probe(weights, seed=0, count=10)
    assert scores.keys() == {'object', 'motion', 'scene'}
    assert all(0 <= score <= 1 for score in scores.values())


def test_equal_captions_share_the_target():
    unit = torch.eye(2)
    scale = torch.tensor(50.0)
    image, text = unit[[0, 0, 1]], unit[[0, 0, 1]]
    shared = contrastive_loss(image, text, scale, torch.tensor([0, 0, 1]))
    apart = contrastive_loss(image, text, scale, torch.tensor([0, 1, 2]))
    assert shared == pytest.approx(2 / 3 * math.log(2), rel=1e-3)
    assert apart == pytest.approx(shared.item(), rel=1e-3)
    mixed = unit[[0, 1, 1]]
    wrong = contrastive_loss(mixed, mixed, scale, torch.tensor([0, 0, 1]))
    assert wrong > 5


def test_too_few_stills_are_refused():
    recipe = PretrainRecipe(num_stills=4, batch_size=8)
    with pytest.raises(ValueError, match=r'num_stills \(4\).*\(8\)'):
        pretrain(0, recipe)


def test_configs_have_the_same_sizes(repo, tmp_path):
    config = load_config(
        repo / 'configs' / 'mini' / 'clip.py', dict(data_root=str(tmp_path))
    )
    assert config.model.arch == mini_arch()
