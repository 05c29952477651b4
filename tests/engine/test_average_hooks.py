import math

import pytest
import torch
from mmaction.registry import HOOKS
from mmengine.hooks import Hook

import mmovar  # noqa: F401
from helpers.toy import Toy, weights
from helpers.toy_training import build_runner
from mmovar.engine.weights.checkpoint_variants import raw_weights
from mmovar.engine.weights.gaussian_weight_average import GaussianWeightAverage

GWA = dict(type='GWAHook', mu=3 / 4, sigma=3 / 8)
SWA = dict(type='SWAHook')


@pytest.fixture(autouse=True)
def float64():
    """Models and data of doubles, to compare averages closely."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def collect(runner):
    """Note the weights after each epoch of a run."""

    class Note(Hook):
        priority = 'VERY_HIGH'
        seen = [weights(runner.model)]

        def after_train_epoch(self, runner):
            self.seen.append(weights(runner.model))

    note = Note()
    runner.register_hook(note)
    runner.train()
    return note.seen


def find_average_hook(runner):
    return next(h for h in runner.hooks if hasattr(h, 'ema_model'))


def load(folder, epoch):
    return torch.load(folder / f'epoch_{epoch}.pth', weights_only=False)


def flat(state_dict):
    return torch.cat([value.flatten() for value in state_dict.values()])


def average_of(folder, epoch):
    return flat(load(folder, epoch)['state_dict'])


def gaussian_average(seen, mu, sigma):
    """Eqs. 12 and 13 of Open-MeDe: epochs, not fractions; no raw CLIP."""
    average, total = 0.0, 0.0
    for t, theta in enumerate(seen[1:], start=1):
        w = math.exp(-((t - mu) ** 2) / (2 * sigma**2))
        total += w
        average = average + w / total * (theta - average)
    return average


def assert_close(actual, expected):
    torch.testing.assert_close(actual, expected, atol=1e-13, rtol=0)


def go_back_to(folder, epoch):
    """Let a resumed run start behind an epoch."""
    for later in folder.glob('epoch_*.pth'):
        if int(later.stem.removeprefix('epoch_')) > epoch:
            later.unlink()


@pytest.mark.parametrize(
    ('epochs', 'options', 'mu', 'sigma'),
    [
        (22, dict(), 15, 10),
        (14, dict(mu=0.6, sigma=0.25), 8.4, 3.5),
    ],
)
def test_gwa_equals_the_equations(tmp_path, epochs, options, mu, sigma):
    hook = dict(type='GWAHook', **options)
    seen = collect(build_runner(tmp_path, hooks=[hook], epochs=epochs))
    assert_close(
        average_of(tmp_path, epochs), gaussian_average(seen, mu, sigma)
    )


def test_swa_equals_the_mean_from_the_second_epoch_on(tmp_path):
    seen = collect(build_runner(tmp_path, hooks=[SWA]))
    assert_close(average_of(tmp_path, 4), torch.stack(seen[2:]).mean(0))


def test_average_resumes_in_the_middle(tmp_path):
    seen = collect(build_runner(tmp_path, hooks=[GWA]))
    whole = load(tmp_path, 4)
    go_back_to(tmp_path, 2)
    resumed = build_runner(tmp_path, hooks=[GWA], resume=True)
    assert torch.equal(collect(resumed)[-1], seen[-1])
    for name in ('state_dict', 'ema_state_dict'):
        assert torch.equal(flat(load(tmp_path, 4)[name]), flat(whole[name]))


def test_average_that_joins_on_resume_weighs_epochs_by_their_number(tmp_path):
    collect(build_runner(tmp_path))
    go_back_to(tmp_path, 2)
    seen = collect(build_runner(tmp_path, hooks=[GWA], resume=True))
    third, fourth = seen[1:]
    w_3, w_4 = 1, math.exp(-(1**2) / (2 * 1.5**2))
    expected = (w_3 * third + w_4 * fourth) / (w_3 + w_4)
    assert_close(average_of(tmp_path, 4), expected)


def test_a_checkpoint_holds_average_raw_weights_and_name(tmp_path):
    seen = collect(build_runner(tmp_path, hooks=[GWA]))
    checkpoint = load(tmp_path, 4)
    assert checkpoint['active_average'] == 'gwa'
    assert checkpoint['ema_state_dict']['steps'] == 4
    assert torch.equal(flat(raw_weights(checkpoint)), seen[-1])
    assert not torch.equal(flat(checkpoint['state_dict']), seen[-1])


def test_before_the_window_the_average_is_the_model(tmp_path):
    seen = collect(build_runner(tmp_path, hooks=[dict(SWA, begin=3)]))
    for epoch in (1, 2):
        checkpoint = load(tmp_path, epoch)
        assert torch.equal(flat(checkpoint['state_dict']), seen[epoch])
        assert torch.equal(flat(raw_weights(checkpoint)), seen[epoch])


def test_before_the_window_the_model_is_validated(tmp_path):
    runner = build_runner(tmp_path, hooks=[SWA])
    runner.call_hook('before_run')
    torch.nn.init.ones_(runner.model.net[0].weight)  # an epoch of training
    raw = weights(runner.model)
    runner.call_hook('before_val_epoch')
    assert torch.equal(weights(runner.model), raw)


def test_resume_from_before_the_window(tmp_path):
    seen = collect(build_runner(tmp_path, hooks=[SWA]))
    go_back_to(tmp_path, 1)
    collect(build_runner(tmp_path, hooks=[SWA], resume=True))
    assert_close(average_of(tmp_path, 4), torch.stack(seen[2:]).mean(0))


@pytest.mark.parametrize('phase', ['val', 'test'])
def test_validation_and_test_see_the_average_and_give_the_weights_back(
    tmp_path, phase
):
    runner = build_runner(tmp_path, hooks=[dict(SWA, begin=1)])
    collect(runner)
    hook = find_average_hook(runner)
    raw = weights(runner.model)
    getattr(hook, f'before_{phase}_epoch')(runner)
    assert torch.equal(weights(runner.model), average_of(tmp_path, 4))
    getattr(hook, f'after_{phase}_epoch')(runner)
    assert torch.equal(weights(runner.model), raw)
    assert not torch.equal(weights(hook.ema_model.module), raw)


@pytest.mark.parametrize('hooks', [[], [GWA]])
@pytest.mark.parametrize('raw', [False, True])
def test_test_of_a_checkpoint_uses_the_saved_average_or_raw_weights(
    tmp_path, hooks, raw
):
    seen = collect(build_runner(tmp_path, hooks=[GWA]))
    prepare = dict(type='PrepareCheckpointHook', raw=raw)
    runner = build_runner(tmp_path, hooks=[*hooks, prepare])
    runner.call_hook('before_run')
    runner.load_checkpoint(str(tmp_path / 'epoch_4.pth'))
    runner.call_hook('before_test_epoch')
    expected = seen[-1] if raw else average_of(tmp_path, 4)
    assert torch.equal(weights(runner.model), expected)


def test_raw_weights_do_not_get_in_the_way_of_a_resume(tmp_path):
    seen = collect(build_runner(tmp_path, hooks=[GWA]))
    whole = average_of(tmp_path, 4)
    go_back_to(tmp_path, 2)
    hooks = [dict(type='PrepareCheckpointHook', raw=True), GWA]
    resumed = build_runner(tmp_path, hooks=hooks, resume=True)
    assert torch.equal(collect(resumed)[-1], seen[-1])
    assert torch.equal(average_of(tmp_path, 4), whole)


@pytest.mark.parametrize('saved', [GWA, dict(type='EMAHook')])
def test_resume_from_another_average_is_refused(tmp_path, saved):
    collect(build_runner(tmp_path, hooks=[saved], epochs=2))
    runner = build_runner(tmp_path, hooks=[SWA], epochs=4, resume=True)
    with pytest.raises(
        ValueError, match=r"average '(gwa|EMAHook)', this run collects 'swa'"
    ):
        runner.train()


@pytest.mark.parametrize('second', [GWA, dict(type='EMAHook')])
def test_a_second_average_is_refused(tmp_path, second):
    runner = build_runner(tmp_path, hooks=[SWA, second])
    with pytest.raises(
        ValueError, match=r"one averaging hook, got \['SWAHook', '\w+'\]"
    ):
        runner.train()


def test_far_tails_do_not_underflow():
    times = [n / 100 for n in range(1, 101)]
    late = GaussianWeightAverage(Toy(), 1, 1e-3, times)
    assert late.share(0) == 1.0
    assert late.share(10) == pytest.approx(1.0)
    early = GaussianWeightAverage(Toy(), 1e-3, 1e-3, times)
    assert early.share(10) == 0.0


@pytest.mark.parametrize(
    ('config', 'message'),
    [
        (dict(GWA, mu=15), 'mu is a fraction of the run, not an epoch.* 15'),
        (dict(GWA, mu=0), '0 < mu <= 1, got 0'),
        (dict(GWA, sigma=10), '0 < sigma <= 1, got 10'),
        (dict(GWA, sigma=0), '0 < sigma <= 1, got 0'),
        (dict(SWA, begin=0), 'begin must be an epoch from 1, got 0'),
    ],
)
def test_values_out_of_range_are_refused(config, message):
    with pytest.raises(ValueError, match=message):
        HOOKS.build(config)


def test_window_behind_the_end_of_training_is_refused(tmp_path):
    runner = build_runner(tmp_path, hooks=[dict(SWA, begin=9)])
    with pytest.raises(AssertionError, match='begin_epoch: 9'):
        runner.train()
