"""A loss or gradient that is not finite costs a step, not a run."""

import copy
import math

import pytest
import torch
from mmengine.hooks import Hook
from mmengine.optim.optimizer import amp_optimizer_wrapper

from helpers.toy import ClipToy, Poisoned, weights
from helpers.toy_training import (
    Spy,
    build_runner,
    plain_runner,
    run_total_batch,
)
from mmovar.engine.hooks import IWRHook, SkipNonFiniteHook, SWAHook


class Moments(Hook):
    """Note the optimizer's state after every iteration."""

    def __init__(self):
        self.states = []

    def after_train_iter(self, runner, **kwargs):
        state = runner.optim_wrapper.optimizer.state_dict()['state']
        self.states.append(copy.deepcopy(state))


def run_plain(folder, model, hooks, **other):
    runner = plain_runner(folder, [SkipNonFiniteHook(), *hooks], model, 3)
    runner.train()
    return 1  # passes an iteration


def run_iwr(folder, model, hooks):
    hooks = [SkipNonFiniteHook(), IWRHook(), *hooks]
    plain_runner(folder, hooks, model, 3).train()
    return 2


def run_meta(folder, model, hooks):
    build_runner(folder, hooks=hooks, model=model, epochs=3).train()
    return 2


def run_accumulated(folder, model, hooks):
    # 5 micro-batches an epoch, 2 an update
    run_total_batch(folder, 8, epochs=3, model=model, hooks=hooks)
    return 1


POISONS = [
    ('factor', math.nan),
    ('factor', math.inf),
    ('constant', math.nan),
    ('constant', math.inf),
    ('gradient', math.nan),
    ('gradient', -math.inf),
]


@pytest.mark.parametrize(('poison', 'value'), POISONS)
@pytest.mark.parametrize('run', [run_plain, run_meta, run_accumulated])
def test_a_bad_pass_costs_one_step(tmp_path, run, poison, value):
    spy, moments = Spy(), Moments()
    model = Poisoned({6}, poison, value)
    passes = run(tmp_path, model, [spy, moments])
    bad = 6 // passes
    # the update of an accumulated micro-batch ends with the next one
    last = bad + (run is run_accumulated)
    assert torch.equal(spy.weights[last], spy.weights[bad - 1])
    assert not torch.equal(spy.weights[last], spy.weights[-1])
    assert torch.stack(spy.weights).isfinite().all()
    before, after = moments.states[bad - 1], moments.states[last]
    assert before.keys() == after.keys() != set()
    for index, state in before.items():
        for key, moment in state.items():
            assert torch.equal(moment, after[index][key])


@pytest.mark.parametrize('bad_pass', [6, 7])
def test_a_bad_pass_of_iwr_costs_one_step(tmp_path, bad_pass):
    spy = Spy()
    run_iwr(tmp_path, Poisoned({bad_pass}), [spy])
    assert torch.equal(spy.weights[3], spy.weights[2])
    assert torch.stack(spy.weights).isfinite().all()
    assert not torch.equal(spy.weights[4], spy.weights[3])


def test_without_a_bad_pass_nothing_differs(tmp_path):
    found = []
    for hooks in ([], [SkipNonFiniteHook()]):
        runner = plain_runner(tmp_path, hooks, ClipToy(), 3)
        runner.train()
        found.append(weights(runner.model))
    assert torch.equal(*found)


def test_each_skip_and_each_epoch_is_logged(tmp_path):
    runner = plain_runner(
        tmp_path,
        [SkipNonFiniteHook()],
        Poisoned({1, 4, 5}),
        3,
        log_level='WARNING',
    )
    runner.train()
    (log,) = tmp_path.rglob('*.log')
    lines = [line for line in log.read_text().splitlines() if 'skip' in line]
    parts = [
        'iteration 2 (epoch 1)',
        'epoch 1: 1 of 3 steps',
        'iteration 5 (epoch 2)',
        'iteration 6 (epoch 2)',
        'epoch 2: 3 of 6 steps',
        'epoch 3: 3 of 9 steps',
    ]
    assert len(lines) == len(parts)
    assert all(p in line for p, line in zip(parts, lines, strict=True))
    assert '2 in a row' in lines[3]


def test_many_in_a_row_end_the_run_with_whole_checkpoints(tmp_path):
    # 3 steps an epoch
    runner = plain_runner(
        tmp_path,
        [SkipNonFiniteHook(max_in_a_row=4), Spy()],
        Poisoned(range(5, 100)),
        50,
    )
    text = r'iteration 9 \(epoch 3\).* 4 in a row\. Training stops'
    with pytest.raises(RuntimeError, match=text):
        runner.train()
    saved = [
        torch.load(tmp_path / f'epoch_{n}.pth', weights_only=False)
        for n in (1, 2)
    ]
    for checkpoint in saved:
        for value in checkpoint['state_dict'].values():
            assert value.isfinite().all()
    assert not (tmp_path / 'epoch_3.pth').exists()


def break_weights(runner, average):
    runner.model.added.data[0] = math.inf


def break_moments(runner, average):
    state = runner.optim_wrapper.optimizer.state_dict()['state']
    state[1]['exp_avg'][0] = math.nan


def break_average(runner, average):
    average.ema_model.module.added.data[0] = math.nan


@pytest.mark.parametrize(
    ('spoil', 'name'),
    [
        (break_weights, r'ema_state_dict\.module\.added'),
        (break_moments, r'optimizer\.state\.1\.exp_avg'),
        (break_average, r'state_dict\.added'),
    ],
)
def test_what_is_not_finite_is_never_saved(tmp_path, spoil, name):
    class Break(Hook):
        priority = 'LOW'

        def after_train_epoch(self, runner):
            if runner.epoch == 1:
                spoil(runner, average)

    average = SWAHook(begin=1)
    hooks = [SkipNonFiniteHook(), average, Break()]
    runner = plain_runner(tmp_path, hooks, epochs=3)
    with pytest.raises(RuntimeError, match=f'iteration 6.*{name}'):
        runner.train()
    assert [p.name for p in tmp_path.glob('*.pth')] == ['epoch_1.pth']


@pytest.mark.parametrize(
    ('settings', 'message'),
    [
        (dict(lr=math.inf), r'optimizer\.lr must be finite, got inf'),
        (dict(lr=0.0), r'optimizer\.lr is 0: nothing would move'),
        (
            dict(lr=1.0, weight_decay=math.inf),
            r'optimizer\.weight_decay must be finite, got inf',
        ),
        (
            dict(lr=1.0, eps=math.inf),
            r'optimizer\.eps must be finite, got inf',
        ),
    ],
)
def test_optimizers_that_train_nothing_are_refused(
    tmp_path, settings, message
):
    wrapper = dict(optimizer=dict(type='AdamW', **settings))
    with pytest.raises(ValueError, match=message):
        run_total_batch(tmp_path, 4, optim_wrapper=wrapper, param_scheduler=[])


@pytest.mark.parametrize(
    'clip', [dict(max_norm=math.nan), dict(type='value', clip_value=0)]
)
def test_clipping_to_nothing_is_refused(tmp_path, clip):
    wrapper = dict(optimizer=dict(type='AdamW', lr=1.0), clip_grad=clip)
    with pytest.raises(ValueError, match=r'clip_grad\.\w+ must be > 0'):
        run_total_batch(tmp_path, 4, optim_wrapper=wrapper)


def test_a_rate_that_is_not_finite_moves_nothing(tmp_path):
    spy = Spy()
    schedule = dict(
        type='CosineAnnealingLR', T_max=3, by_epoch=False, eta_min=math.nan
    )
    with pytest.raises(RuntimeError, match='3 in a row'):
        run_total_batch(
            tmp_path,
            4,
            hooks=[spy, SkipNonFiniteHook(3)],
            param_scheduler=schedule,
        )
    assert torch.stack(spy.weights).isfinite().all()


def test_less_than_one_skip_in_a_row_is_refused():
    for value in (0, math.nan):
        with pytest.raises(ValueError, match='max_in_a_row must be >= 1'):
            SkipNonFiniteHook(value)


@pytest.fixture
def amp(monkeypatch):
    """Let MMEngine build its AMP wrapper on a CPU."""
    monkeypatch.setattr(amp_optimizer_wrapper, 'is_cuda_available', lambda: 1)
    monkeypatch.setattr(
        amp_optimizer_wrapper,
        'GradScaler',
        lambda **kwargs: torch.amp.GradScaler('cpu', **kwargs),
    )


def run_amp(folder, model, hook, **settings):
    wrapper = dict(
        type='AmpOptimWrapper',
        dtype='bfloat16',
        optimizer=dict(type='AdamW', lr=0.05),
        **settings,
    )
    spy = Spy()
    runner = plain_runner(folder, [hook, spy], model, 9, optim_wrapper=wrapper)
    runner.train()
    return runner, spy


@pytest.mark.parametrize('clip', [dict(), dict(clip_grad=dict(max_norm=1.0))])
def test_bfloat16_without_a_loss_scale_skips_too(tmp_path, amp, clip):
    _, spy = run_amp(
        tmp_path,
        Poisoned({4}),
        SkipNonFiniteHook(),
        loss_scale=dict(enabled=False),
        **clip,
    )
    assert torch.equal(spy.weights[4], spy.weights[3])
    assert torch.stack(spy.weights).isfinite().all()


def test_a_loss_scale_that_falls_is_no_failure(tmp_path, amp):
    hook = SkipNonFiniteHook(max_in_a_row=2)
    model = Poisoned(range(100), 'factor', 1e3)
    scale = dict(init_scale=2.0**127)
    runner, spy = run_amp(tmp_path, model, hook, loss_scale=scale)
    (guard,) = hook._guards
    assert (guard.skipped, guard.in_a_row) == (0, 0)
    assert guard.rescaled >= 2
    assert guard.steps == 27
    assert not torch.equal(spy.weights[-1], spy.weights[0])


def test_a_loss_scale_does_not_hide_a_run_that_is_lost(tmp_path, amp):
    hook, model = SkipNonFiniteHook(max_in_a_row=3), Poisoned(range(100))
    with pytest.raises(RuntimeError, match='iteration 6 .* 3 in a row'):
        run_amp(tmp_path, model, hook, loss_scale=dict(init_scale=8.0))
    (guard,) = hook._guards
    assert (guard.rescaled, guard.skipped) == (3, 3)  # 4, 2, 1


def test_a_fixed_loss_scale_counts_every_skip(tmp_path, amp):
    hook, model = SkipNonFiniteHook(max_in_a_row=3), Poisoned(range(100))
    with pytest.raises(RuntimeError, match='iteration 3 .* 3 in a row'):
        run_amp(tmp_path, model, hook, loss_scale=512.0)
