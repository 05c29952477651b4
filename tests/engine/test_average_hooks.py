import math

import pytest
import torch
from mmaction.registry import HOOKS
from test_cross_batch_train_loop import build_runner
from toy import Toy, weights

import mmovar  # noqa: F401
from mmovar.engine.hooks import GaussianWeightAverage


def collect(runner):
    """Note the weights after each epoch of a run."""
    from mmengine.hooks import Hook

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


def average_of(folder, epoch):
    checkpoint = torch.load(folder / f'epoch_{epoch}.pth', weights_only=False)
    return torch.cat([v.flatten() for v in checkpoint['state_dict'].values()])


def closed_form(seen, share):
    shares = torch.tensor([share(t) for t in range(len(seen))])
    return (torch.stack(seen) * shares[:, None]).sum(0) / shares.sum()


def gaussian(mu, sigma, begin=1, end=99, interval=1):
    def share(t):
        if t < begin or t > end or (t - begin) % interval:
            return 0.0
        return math.exp(-((t - mu) ** 2) / (2 * sigma**2))

    return share


@pytest.mark.parametrize(
    'window', [dict(), dict(begin=2), dict(begin=2, interval=2), dict(end=3)]
)
def test_gwa_equals_its_closed_form(tmp_path, window):
    hook = dict(type='GWAHook', mu=3, sigma=1.5, **window)
    seen = collect(build_runner(tmp_path, hooks=[hook]))
    expected = closed_form(seen, gaussian(3, 1.5, **window))
    torch.testing.assert_close(
        average_of(tmp_path, 4), expected, atol=1e-6, rtol=0
    )


def test_swa_equals_the_mean_from_the_second_epoch_on(tmp_path):
    seen = collect(build_runner(tmp_path, hooks=[dict(type='SWAHook')]))
    torch.testing.assert_close(
        average_of(tmp_path, 4),
        torch.stack(seen[2:]).mean(0),
        atol=1e-6,
        rtol=0,
    )


def test_average_resumes_in_the_middle(tmp_path):
    hook = dict(type='GWAHook', mu=3, sigma=1.5)
    seen = collect(build_runner(tmp_path, hooks=[hook], epochs=2))
    resumed = build_runner(tmp_path, hooks=[hook], epochs=4, resume=True)
    seen += collect(resumed)[1:]
    expected = closed_form(seen, gaussian(3, 1.5))
    torch.testing.assert_close(
        average_of(tmp_path, 4), expected, atol=1e-6, rtol=0
    )


def test_before_the_window_the_average_is_the_model(tmp_path):
    hook = dict(type='GWAHook', mu=3, sigma=1.5, begin=3)
    seen = collect(build_runner(tmp_path, hooks=[hook]))
    assert torch.equal(average_of(tmp_path, 1), seen[1])
    assert torch.equal(average_of(tmp_path, 2), seen[2])


@pytest.mark.parametrize('phase', ['val', 'test'])
def test_validation_and_test_see_the_average_and_give_the_weights_back(
    tmp_path, phase
):
    runner = build_runner(tmp_path, hooks=[dict(type='SWAHook', begin=1)])
    collect(runner)
    hook = find_average_hook(runner)
    raw = weights(runner.model)
    getattr(hook, f'before_{phase}_epoch')(runner)
    assert torch.equal(weights(runner.model), average_of(tmp_path, 4))
    getattr(hook, f'after_{phase}_epoch')(runner)
    assert torch.equal(weights(runner.model), raw)
    assert not torch.equal(weights(hook.ema_model.module), raw)


def test_test_of_a_checkpoint_uses_the_saved_average(tmp_path):
    hook = dict(type='GWAHook', mu=3, sigma=1.5)
    collect(build_runner(tmp_path, hooks=[hook]))
    runner = build_runner(tmp_path, hooks=[hook])
    runner.call_hook('before_run')
    runner.load_checkpoint(str(tmp_path / 'epoch_4.pth'))
    find_average_hook(runner).before_test_epoch(runner)
    assert torch.equal(weights(runner.model), average_of(tmp_path, 4))


def test_far_tails_do_not_underflow():
    average = GaussianWeightAverage(Toy(), mean=5000.0, std=1.0)
    assert average.ratio(0) == 1.0
    assert average.ratio(10) == pytest.approx(1.0)
    late = GaussianWeightAverage(Toy(), mean=-5000.0, std=1.0)
    assert 0.0 <= late.ratio(10) < 1e-300


@pytest.mark.parametrize(
    ('config', 'message'),
    [
        (dict(type='GWAHook', sigma=0), 'sigma must be > 0, got 0'),
        (dict(type='GWAHook', begin=0), 'got begin=0, end=None, interval=1'),
        (dict(type='SWAHook', begin=5, end=4), 'got begin=5, end=4'),
        (dict(type='SWAHook', interval=0), 'interval=0'),
    ],
)
def test_empty_windows_are_refused(config, message):
    with pytest.raises(ValueError, match=message):
        HOOKS.build(config)


def test_window_behind_the_end_of_training_is_refused(tmp_path):
    runner = build_runner(tmp_path, hooks=[dict(type='SWAHook', begin=9)])
    with pytest.raises(ValueError, match='SWAHook begins in epoch 9'):
        runner.train()


def test_std_must_be_positive():
    with pytest.raises(ValueError, match='std must be > 0, got -1'):
        GaussianWeightAverage(Toy(), mean=1.0, std=-1.0)
