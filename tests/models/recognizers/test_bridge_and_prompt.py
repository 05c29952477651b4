"""ViFi-CLIP's two stages through the runner: towers, then prompts."""

import pytest
import torch
from mmengine.hooks import Hook

from helpers.tiny_clip import largest_difference
from helpers.tiny_config import CONFIGS, load_tiny_config
from mmovar.apis import build_runner
from mmovar.engine import last_checkpoint

FIRST = CONFIGS / 'mini' / 'vifi_both.py'
SECOND = CONFIGS / 'mini' / 'ablations' / 'bridge_and_prompt.py'


class StartOfTraining(Hook):
    """Keep the weights of the first iteration; end after the first epoch."""

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        self.weights = {
            name: value.clone()
            for name, value in runner.model.state_dict().items()
        }

    def after_train_epoch(self, runner):
        runner.train_loop.stop_training = True


def is_prompt(name):
    return 'VPT' in name or 'prompt_learner' in name


def split(weights):
    """Weights of CLIP, and prompts."""
    return (
        {n: w for n, w in weights.items() if not is_prompt(n)},
        {n: w for n, w in weights.items() if is_prompt(n)},
    )


def train(path, folder, load_from=None):
    """Train one epoch; return runner, first weights and last checkpoint."""
    folder.mkdir()
    config = load_tiny_config(path, folder)
    config.load_from = load_from
    runner = build_runner(config)
    start = StartOfTraining()
    runner.register_hook(start)
    built = {n: w.clone() for n, w in runner.model.state_dict().items()}
    runner.train()
    last = str(last_checkpoint(folder / 'work'))
    return runner, built, start.weights, last


@pytest.fixture
def stages(tmp_path):
    first = train(FIRST, tmp_path / 'first')
    return first, train(SECOND, tmp_path / 'second', load_from=first[-1])


def test_prompts_are_learned_around_the_towers_of_the_first_stage(stages):
    (_, clip, _, bridge), (runner, built, start, prompted) = stages
    bridge = torch.load(bridge, weights_only=False)['state_dict']
    prompted = torch.load(prompted, weights_only=False)['state_dict']
    assert largest_difference(bridge, clip) > 0  # the first stage trained
    towers, prompts = split(start)
    assert largest_difference(towers, bridge) == 0
    assert largest_difference(prompts, split(built)[1]) == 0
    towers, learned = split(prompted)
    assert largest_difference(towers, bridge) == 0
    assert len(learned) == 4  # two layers in each of the tiny towers
    for name, before in prompts.items():
        assert not torch.equal(learned[name], before), name

    # CLIP, to which a patched test goes back, is still CLIP
    theta_clip = runner.model.clip_state_dict()
    assert largest_difference(theta_clip, split(built)[0]) == 0

    optimizer = runner.optim_wrapper.optimizer
    names = {p: n for n, p in runner.model.named_parameters()}
    assert {names[p] for p in optimizer.state} == learned.keys()
    for name, parameter in runner.model.named_parameters():
        assert parameter.requires_grad == is_prompt(name)
        if not is_prompt(name):
            assert parameter.grad is None
