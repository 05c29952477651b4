"""What is logged to watch a training, and that it changes nothing."""

import math

import pytest
import torch

from helpers.meta import build_wrapper, pairs, run_episode
from helpers.toy import ClipToy, Toy, loss_of, weights
from helpers.toy_training import build_runner, plain_runner
from mmovar.engine.hooks import WatchHook
from mmovar.engine.hooks.watch_hook import gradient_cosine

META = dict(
    type='CrossBatchMetaOptimWrapper',
    optimizer=dict(type='AdamW', lr=0.05),
    delta=0.7,
)


def gradient(model, data):
    grads = torch.autograd.grad(loss_of(model, data), list(model.parameters()))
    return torch.cat([g.flatten() for g in grads])


def cosine(support, query):
    return torch.nn.functional.cosine_similarity(support, query, dim=0).item()


def measured_cosine(model, wrapper, tasks):
    gradients = {}
    wrapper.watch = gradients.__setitem__
    run_episode(model, wrapper, tasks)
    return gradient_cosine(**gradients)


@pytest.mark.parametrize('delta', [0.05, 1.0])
@pytest.mark.parametrize('num_tasks', [1, 3])
def test_cosine_is_that_of_the_last_task(num_tasks, delta):
    tasks = pairs(num_tasks, seed=7)
    model, fast = Toy(), Toy()
    wrapper = build_wrapper(model, inner_step='sgd', inner_lr=0.1, delta=delta)
    value = measured_cosine(model, wrapper, tasks)
    support = gradient(fast, tasks[-1][0])
    with torch.no_grad():
        torch.nn.utils.vector_to_parameters(
            weights(fast) - 0.1 * support, fast.parameters()
        )
    expected = cosine(support, gradient(fast, tasks[-1][1]))
    assert value == pytest.approx(expected, abs=1e-5)


def test_one_batch_as_support_and_query_has_cosine_one():
    ((support, _),) = pairs(1)
    model = Toy()
    wrapper = build_wrapper(model, inner_lr=0.0)
    value = measured_cosine(model, wrapper, [(support, support)])
    assert value == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize('num_tasks', [1, 2])
def test_measuring_changes_no_bit(num_tasks):
    finals = []
    for wanted in (False, True):
        model = Toy()
        wrapper = build_wrapper(model, delta=0.7, clip_grad=dict(max_norm=0.5))
        for step in range(3):
            wrapper.watch = {}.__setitem__ if wanted else None
            run_episode(model, wrapper, pairs(num_tasks, seed=10 * step))
        finals.append(weights(model))
    assert torch.equal(*finals)


def scalars_of(runner, name):
    history = runner.message_hub.log_scalars.get(f'train/{name}')
    return [] if history is None else history.data[0].tolist()


def test_a_meta_run_logs_both_at_the_interval_and_stays_the_same(tmp_path):
    finals = []
    for name, hooks in (('a', []), ('b', [WatchHook(2)])):
        (tmp_path / name).mkdir()
        runner = build_runner(
            tmp_path / name, 40, hooks, 2, optim_wrapper=META, model=ClipToy()
        )
        runner.train()
        finals.append(weights(runner.model))
    assert torch.equal(*finals)
    cosines = scalars_of(runner, 'gradient_cosine')
    assert len(cosines) == runner.iter // 2
    assert all(-1 <= value <= 1 for value in cosines)
    for loss in ('support_loss', 'query_loss'):
        assert len(scalars_of(runner, loss)) == runner.iter


def test_distance_is_that_of_the_weights_clip_has(tmp_path):
    runner = plain_runner(tmp_path, [WatchHook(1)])
    runner.train()
    distances = scalars_of(runner, 'clip_distance')
    clip = runner.model.clip_state_dict()
    own = runner.model.state_dict()
    expected = math.sqrt(
        sum(float((own[key] - clip[key]).square().sum()) for key in clip)
        / sum(float(value.square().sum()) for value in clip.values())
    )
    assert distances[-1] == pytest.approx(expected, rel=1e-5)
    assert len(distances) == runner.iter
    assert len(set(distances)) == len(distances)
    assert not scalars_of(runner, 'gradient_cosine')


def test_frozen_clip_has_no_distance(tmp_path):
    model = ClipToy()
    model.net.requires_grad_(False)
    model.net[0].bias.requires_grad_(True)
    runner = plain_runner(tmp_path, [WatchHook(1)], model)
    runner.train()
    own, clip = runner.model.state_dict(), runner.model.clip_state_dict()
    key = 'net.0.bias'
    expected = (own[key] - clip[key]).norm() / clip[key].norm()
    assert scalars_of(runner, 'clip_distance')[-1] == pytest.approx(
        expected.item(), rel=1e-5
    )


@pytest.mark.parametrize('watch', [None, 0, 3])
def test_interval_is_the_one_of_the_config(tmp_path, watch):
    model = ClipToy()
    runner = plain_runner(tmp_path, [WatchHook()], model)
    if watch is not None:
        runner.cfg.watch = watch
    if not watch:  # then CLIP's weights are not needed
        model.clip_state_dict = None
    runner.train()
    logged = len(scalars_of(runner, 'clip_distance'))
    assert logged == (runner.iter // watch if watch else 0)


def test_negative_interval_is_refused(tmp_path):
    runner = plain_runner(tmp_path, [WatchHook(-1)])
    with pytest.raises(ValueError, match='got -1'):
        runner.train()
