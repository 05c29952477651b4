import copy
import math

import pytest
import torch
from mmaction.registry import OPTIM_WRAPPERS
from mmengine.optim.optimizer import amp_optimizer_wrapper

import mmovar  # noqa: F401
from helpers.meta import build_wrapper, pairs, run_episode
from helpers.toy import Toy, batch, loss_of, reference_step, weights
from mmovar.engine.optim_wrappers import cross_batch_meta
from mmovar.engine.optim_wrappers.finite_steps import FiniteSteps


def call_before_passes(model, look):
    """Have ``look`` called before each forward pass of a training step."""
    train_step = model.train_step

    def look_and_step(*args, **kwargs):
        look()
        return train_step(*args, **kwargs)

    model.train_step = look_and_step


@pytest.mark.parametrize(('num_tasks', 'fused'), [(1, 0), (1, 1), (3, 1)])
@pytest.mark.parametrize('clip', [None, 0.5])
@pytest.mark.parametrize(
    ('inner', 'inner_lr'), [('adamw', None), ('adamw', 0.3), ('sgd', 0.2)]
)
def test_meta_step_equals_hand_written_reference(
    inner, inner_lr, clip, num_tasks, fused
):
    model, reference = Toy(), Toy()
    wrapper = build_wrapper(
        model,
        inner_step=inner,
        inner_lr=inner_lr,
        delta=0.7,
        clip_grad=dict(max_norm=clip) if clip else None,
        fused=bool(fused),
    )
    optimizer = torch.optim.AdamW(
        reference.parameters(), lr=0.05, weight_decay=0.1
    )
    for step in range(4):
        tasks = pairs(num_tasks, seed=100 * step)
        run_episode(model, wrapper, tasks)
        reference_step(
            reference,
            optimizer,
            tasks,
            delta=0.7,
            inner=inner,
            inner_lr=inner_lr,
            clip=clip,
        )
    torch.testing.assert_close(
        weights(model), weights(reference), atol=1e-6, rtol=0
    )


def test_inner_lr_zero_and_delta_one_is_gradient_accumulation():
    model, plain = Toy(), Toy()
    wrapper = build_wrapper(model, inner_lr=0.0, delta=1.0)
    optimizer = torch.optim.AdamW(
        plain.parameters(), lr=0.05, weight_decay=0.1
    )
    for step in range(3):
        (support, query) = pairs(1, seed=10 * step)[0]
        run_episode(model, wrapper, [(support, query)])
        for data in (support, query):
            plain(**data, mode='loss')['loss_reg'].backward()
        optimizer.step()
        optimizer.zero_grad()
    torch.testing.assert_close(
        weights(model), weights(plain), atol=1e-6, rtol=0
    )


def test_delta_zero_is_plain_training_on_the_support_batch():
    model, plain = Toy(), Toy()
    wrapper = build_wrapper(model, delta=0.0)
    optimizer = torch.optim.AdamW(
        plain.parameters(), lr=0.05, weight_decay=0.1
    )
    tasks = pairs(1)
    run_episode(model, wrapper, tasks)
    plain(**tasks[0][0], mode='loss')['loss_reg'].backward()
    optimizer.step()
    torch.testing.assert_close(weights(model), weights(plain))


@pytest.mark.parametrize('num_tasks', [1, 3])
@pytest.mark.parametrize('support_weight', [0.0, 0.3])
def test_support_weight_zero_is_first_order_maml(support_weight, num_tasks):
    model, reference = Toy(), Toy()
    wrapper = build_wrapper(model, support_weight=support_weight, delta=1.0)
    optimizer = torch.optim.AdamW(
        reference.parameters(), lr=0.05, weight_decay=0.1
    )
    for step in range(4):
        tasks = pairs(num_tasks, seed=100 * step)
        run_episode(model, wrapper, tasks)
        reference_step(
            reference,
            optimizer,
            tasks,
            delta=1.0,
            inner='adamw',
            inner_lr=None,
            clip=None,
            support_weight=support_weight,
        )
    torch.testing.assert_close(
        weights(model), weights(reference), atol=1e-6, rtol=0
    )


def test_tasks_without_query_batch_are_plain_training():
    model, plain = Toy(), Toy()
    wrapper = build_wrapper(model, support_weight=0.0)
    optimizer = torch.optim.AdamW(
        plain.parameters(), lr=0.05, weight_decay=0.1
    )
    batches = batch(4, 1), batch(4, 2)
    wrapper.meta_step(model, [dict(support=data) for data in batches])
    sum(loss_of(plain, data) / 2 for data in batches).backward()
    optimizer.step()
    torch.testing.assert_close(weights(model), weights(plain))


def test_the_inner_step_in_pieces_is_the_same(monkeypatch):
    model, plain = Toy(), Toy()
    model.idle = torch.nn.Parameter(torch.ones(2))
    model.net[0].bias.requires_grad_(False)
    plain.net[0].bias.requires_grad_(False)
    wrapper, other = build_wrapper(model), build_wrapper(plain)
    for step in range(3):
        with monkeypatch.context() as few:
            few.setattr(cross_batch_meta, '_AT_ONCE', 2)
            run_episode(model, wrapper, pairs(2, seed=step))
        run_episode(plain, other, pairs(2, seed=step))
    assert torch.equal(model.idle, torch.ones(2))
    del model.idle
    assert torch.equal(weights(model), weights(plain))


def test_query_sees_fast_weights_and_support_does_not():
    model = Toy()
    start, kept = weights(model), []
    call_before_passes(
        model, lambda: kept.append(torch.equal(weights(model), start))
    )
    logs = run_episode(model, build_wrapper(model), pairs(2))
    assert [role for role, _ in logs] == ['support', 'query'] * 2
    assert kept == [True, False] * 2


def test_weights_are_put_back_when_the_query_pass_raises():
    model = Toy()
    start = weights(model)

    def break_off():
        if not torch.equal(weights(model), start):
            raise KeyError('broken video')

    call_before_passes(model, break_off)
    with pytest.raises(KeyError):
        run_episode(model, build_wrapper(model), pairs(1))
    torch.testing.assert_close(weights(model), start, atol=0, rtol=0)
    assert all(p.grad is None for p in model.parameters())


def test_non_finite_support_loss_leaves_the_weights_as_they_are():
    model = Toy()
    start = weights(model)
    bad = batch(4)
    bad['inputs'][0] = math.nan
    wrapper = build_wrapper(model)
    guard = FiniteSteps(wrapper)
    run_episode(model, wrapper, [(bad, batch(4, 1))])
    assert guard.skipped == 1
    torch.testing.assert_close(weights(model), start, atol=0, rtol=0)
    run_episode(model, wrapper, pairs(1))
    assert weights(model).isfinite().all()
    assert not torch.equal(weights(model), start)


def test_inner_step_leaves_the_optimizer_state_alone():
    model, states = Toy(), []
    wrapper = build_wrapper(model)
    run_episode(model, wrapper, pairs(1))
    call_before_passes(
        model,
        lambda: states.append(copy.deepcopy(wrapper.optimizer.state_dict())),
    )
    run_episode(model, wrapper, pairs(1))
    before, after = states
    for index, state in before['state'].items():
        for key, value in state.items():
            assert torch.equal(value, after['state'][index][key])


def test_inner_lr_follows_the_schedule():
    model, seen = Toy(), []
    wrapper = build_wrapper(model, inner_step='sgd', inner_lr=0.2)
    wrapper.optimizer.param_groups[0].update(lr=0.025, initial_lr=0.05)
    ((support, query),) = pairs(1)
    grads = torch.autograd.grad(
        loss_of(model, support), list(model.parameters())
    )
    call_before_passes(model, lambda: seen.append(weights(model)))
    run_episode(model, wrapper, [(support, query)])
    expected = seen[0] - 0.1 * torch.cat([g.flatten() for g in grads])
    torch.testing.assert_close(seen[1], expected)


def test_an_episode_counts_as_one_iteration():
    model = Toy()
    wrapper = build_wrapper(model)
    for step in range(3):
        run_episode(model, wrapper, pairs(2, seed=step))
    assert wrapper.inner_count == 3


@pytest.fixture
def amp(monkeypatch):
    """Let MMEngine build its AMP wrapper on a CPU."""
    monkeypatch.setattr(amp_optimizer_wrapper, 'is_cuda_available', lambda: 1)
    monkeypatch.setattr(
        amp_optimizer_wrapper,
        'GradScaler',
        lambda **kwargs: torch.amp.GradScaler('cpu', **kwargs),
    )

    def build_amp(model, loss_scale, **kwargs):
        return build_wrapper(
            model,
            'CrossBatchMetaAmpOptimWrapper',
            loss_scale=loss_scale,
            dtype='bfloat16',
            **kwargs,
        )

    return build_amp


def test_loss_scale_changes_nothing(amp):
    model, plain = Toy(), Toy()
    clip = dict(max_norm=0.5)
    scaled = amp(model, dict(init_scale=1024.0), clip_grad=dict(clip))
    unscaled = amp(plain, dict(enabled=False), clip_grad=dict(clip))
    for step in range(3):
        tasks = pairs(2, seed=step)
        run_episode(model, scaled, tasks)
        run_episode(plain, unscaled, tasks)
    torch.testing.assert_close(
        weights(model), weights(plain), atol=1e-6, rtol=0
    )


def test_overflow_under_loss_scale_skips_the_step_and_lowers_it(amp):
    model = Toy()
    start = weights(model)
    wrapper = amp(model, dict(init_scale=1024.0))
    bad = batch(4)
    bad['inputs'][0] = math.inf
    run_episode(model, wrapper, [(bad, batch(4, 1))])
    torch.testing.assert_close(weights(model), start, atol=0, rtol=0)
    assert wrapper.loss_scaler.get_scale() == 512.0


def test_autocast_does_not_hide_the_fast_weights(amp):
    model, plain = Toy(), Toy()
    kwargs = dict(delta=5.0, inner_step='sgd', inner_lr=1.0, lr=1e-3)
    half = amp(model, dict(enabled=False), **kwargs)
    full = build_wrapper(plain, **kwargs)
    for step in range(3):
        run_episode(model, half, pairs(1, seed=step))
        run_episode(plain, full, pairs(1, seed=step))
    torch.testing.assert_close(
        weights(model), weights(plain), atol=1e-3, rtol=0
    )


@pytest.mark.parametrize(
    ('kwargs', 'message'),
    [
        (dict(delta=-1.0), r'delta must be in \[0, inf\), got -1\.0'),
        (dict(support_weight=-1.0), r'support_weight must be in \[0, inf\)'),
        (dict(inner_lr=-1.0), r'inner_lr must be in \[0, inf\)'),
        (dict(inner_step='adam'), r"none of \['adamw', 'sgd'\]"),
        (dict(accumulative_counts=2), 'total_tasks of CrossBatchTrainLoop'),
        (
            dict(clip_grad=dict(type='value', clip_value=1.0)),
            "must be of type 'norm'",
        ),
    ],
)
def test_wrong_arguments_fail_at_construction(kwargs, message):
    with pytest.raises(ValueError, match=message):
        build_wrapper(Toy(), **kwargs)


def test_adamw_inner_step_needs_adamw():
    optimizer = torch.optim.SGD(Toy().parameters(), lr=0.1)
    with pytest.raises(ValueError, match='needs the optimizer AdamW, got SGD'):
        OPTIM_WRAPPERS.build(
            dict(type='CrossBatchMetaOptimWrapper', optimizer=optimizer)
        )


def test_update_outside_an_episode_names_the_loop():
    model = Toy()
    with pytest.raises(RuntimeError, match='CrossBatchTrainLoop'):
        model.train_step(batch(4), build_wrapper(model))
