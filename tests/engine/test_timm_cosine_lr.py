"""timm's schedule under MMEngine's runner."""

import pytest
import torch
from mmaction.registry import PARAM_SCHEDULERS
from mmengine.optim import OptimWrapper

import mmovar  # noqa: F401
from mmovar.engine.schedulers import TimmCosineLR
from mmovar.engine.schedulers.timm_cosine_lr import cosine_with_warmup


def optimizer(*rates):
    groups = [
        dict(params=[torch.nn.Parameter(torch.zeros(1))], lr=lr)
        for lr in rates
    ]
    return torch.optim.AdamW(groups, lr=rates[0])


def schedule(target, epoch_length=None, **kwargs):
    config = dict(type='TimmCosineLR', **{'eta_min_ratio': 0.01, **kwargs})
    if epoch_length:
        config['convert_to_iter_based'] = True
    else:
        config['by_epoch'] = False
    return PARAM_SCHEDULERS.build(
        config,
        default_args=dict(optimizer=target, epoch_length=epoch_length),
    )


def rates_of_timm(peaks, floor, length, warmup, epochs, accumulation):
    """Run the loop of the released codes with timm's own scheduler."""
    from timm.scheduler.cosine_lr import CosineLRScheduler

    target = optimizer(*peaks)
    timm = CosineLRScheduler(
        target,
        t_initial=epochs * length,
        lr_min=floor,
        warmup_lr_init=0,
        warmup_t=warmup * length,
        cycle_limit=1,
        t_in_epochs=False,
        warmup_prefix=False,
    )
    used = []
    for epoch in range(epochs):
        for index in range(length):
            if (index + 1) % accumulation == 0:
                used.append([g['lr'] for g in target.param_groups])
                timm.step_update(epoch * length + index)
    return used


def rates_of_mmovar(peaks, length, warmup, epochs, accumulation):
    """Run MMEngine's order: update, then step the scheduler, each time."""
    wrapper = OptimWrapper(optimizer(*peaks), accumulative_counts=accumulation)
    ours = schedule(wrapper, length, warmup=warmup, end=epochs)
    used = []
    parameter = wrapper.param_groups[0]['params'][0]
    for _ in range(epochs):
        wrapper.initialize_count_status(torch.nn.Identity(), 0, -1)
        for _ in range(length):
            rates = [g['lr'] for g in wrapper.optimizer.param_groups]
            wrapper.update_params(parameter.sum())
            if wrapper.should_update():
                used.append(rates)
            ours.step()
    return used


@pytest.mark.parametrize('accumulation', [1, 4])
@pytest.mark.parametrize('peaks', [(8e-6,), (2e-6, 2e-5)])
def test_rate_of_every_update_is_that_of_timm(accumulation, peaks):
    # 6 micro-batches an epoch: with accumulation 4, two are left over
    ours = rates_of_mmovar(peaks, 6, 2, 5, accumulation)
    timm = rates_of_timm(peaks, peaks[0] / 100, 6, 2, 5, accumulation)
    assert len(ours) == 5 * (6 // accumulation)
    for rates, expected in zip(ours, timm, strict=True):
        assert rates == pytest.approx(expected, rel=1e-12)
    assert ours[0] == [0.0] * len(peaks)


@pytest.mark.parametrize(
    ('peak', 'epochs', 'warmup', 'before', 'after'),
    [
        (8e-6, 10, 5, '8.00e-06', '4.04e-06'),  # zero-shot
        (2e-6, 11, 5, '2.00e-06', '1.15e-06'),  # ViFi-CLIP, base to novel
        (2e-6, 50, 5, '2.00e-06', '1.95e-06'),  # few-shot
        (2.2e-5, 30, 5, '2.20e-05', '2.05e-05'),  # fully supervised
        (3.33e-6, 12, 2, '3.33e-06', '3.11e-06'),  # TC-CLIP, base to novel
    ],
)
def test_fall_at_the_end_of_the_warm_up_is_that_of_the_papers(
    peak, epochs, warmup, before, after
):
    length = 1000
    ours = schedule(optimizer(peak), length, warmup=warmup, end=epochs)
    rates = []
    for _ in range(warmup * length + 1):
        ours.step()
        rates.append(ours.get_last_value()[0])
    assert f'{rates[-2]:.2e}' == before  # set by the last warm-up iteration
    assert f'{rates[-1]:.2e}' == after


def test_groups_share_the_floor():
    target = optimizer(1e-3, 1e-2)
    ours = schedule(target, warmup=0, end=4)
    for _ in range(6):
        ours.step()
    assert [g['lr'] for g in target.param_groups] == pytest.approx([1e-5] * 2)


def test_resumed_schedule_goes_on_where_it_stopped():
    def run(steps, target, ours):
        rates = []
        for _ in range(steps):
            target.step()
            ours.step()
            rates.append([g['lr'] for g in target.param_groups])
        return rates

    target = optimizer(1.0, 10.0)
    ours = schedule(target, 3, warmup=2, end=5)
    run(7, target, ours)
    states = target.state_dict(), ours.state_dict()
    fresh = optimizer(1.0, 10.0)
    resumed = schedule(fresh, 3, warmup=2, end=5)
    fresh.load_state_dict(states[0])
    resumed.load_state_dict(states[1])
    assert run(8, fresh, resumed) == run(8, target, ours)


def test_without_warm_up_the_first_update_has_the_peak():
    assert cosine_with_warmup(-1, 2.0, 0.5, 0, 10) == 2.0
    assert cosine_with_warmup(10, 2.0, 0.5, 0, 10) == 0.5


@pytest.mark.parametrize(
    ('wrong', 'message'),
    [
        (dict(eta_min=1e-8), 'eta_min'),
        (dict(eta_min_ratio=None), 'eta_min'),
        (dict(eta_min_ratio=-1.0), 'floor'),
        (dict(begin=1), 'begin must be 0'),
        (dict(warmup=11), '0..10'),
    ],
)
def test_wrong_values_are_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        schedule(optimizer(1.0), **{'warmup': 2, 'end': 10, **wrong})


def test_only_a_schedule_in_epochs_is_converted():
    with pytest.raises(ValueError, match='by_epoch=True'):
        TimmCosineLR.build_iter_from_epoch(
            optimizer(1.0), warmup=1, eta_min=0.0, by_epoch=False
        )
