"""Few groups and fused steps, in place of those of the host."""

import copy
import logging

import pytest
import torch
from mmengine.logging import MMLogger
from mmengine.optim import build_optim_wrapper
from mmengine.registry import init_default_scope
from torch import nn

import mmovar  # noqa: F401
from helpers.optimizer_settings import HOST, settings
from helpers.toy import Toy, batch, loss_of, weights
from helpers.toy_training import plain_runner

ADAMW = dict(type='AdamW', lr=0.05, weight_decay=0.1)
PARAMWISE = dict(
    flat_decay_mult=0.0, custom_keys={'net.2': dict(lr_mult=10.0)}
)


@pytest.fixture(autouse=True)
def scope():
    init_default_scope('mmaction')


def build(model, **config):
    return build_optim_wrapper(
        model, copy.deepcopy(dict(optimizer=ADAMW, **config))
    )


def test_equal_settings_are_one_group_and_each_parameter_keeps_its_own():
    model = Toy()
    model.net[0].weight.requires_grad_(False)
    model.other = nn.Linear(2, 2)
    wrapper = build(model, paramwise_cfg=PARAMWISE)
    host = build(model, paramwise_cfg=PARAMWISE, constructor=HOST)
    assert settings(model, wrapper) == settings(model, host)
    assert len(host.optimizer.param_groups) == 5
    sizes = [len(g['params']) for g in wrapper.optimizer.param_groups]
    assert sizes == [2, 2, 1]


def test_the_log_has_a_line_a_group():
    lines = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(record.getMessage())
    logger = MMLogger.get_instance('groups', log_level='INFO')
    logger.addHandler(handler)
    build(Toy(), paramwise_cfg=PARAMWISE)
    lines = [line for line in lines if line[0].isdigit() or 'wise' in line]
    assert [line.split(':')[0] for line in lines] == [
        f'{n} parameters' for n in (1, 1, 2)
    ]


def test_a_parameter_in_two_places_is_refused_as_before():
    model = Toy()
    model.again = nn.ModuleDict(dict(net=model.net[0]))
    with pytest.raises(ValueError, match='more than one parameter group'):
        build(model, paramwise_cfg=dict(norm_decay_mult=0.0))


@pytest.mark.parametrize(
    ('given', 'fused'),
    [
        (dict(), True),
        (dict(type=torch.optim.AdamW), True),
        (dict(fused=False), False),
        (dict(foreach=True), None),
        (dict(type='RAdam'), None),
    ],
)
def test_adamw_is_fused_unless_the_config_says_how(given, fused):
    wrapper = build_optim_wrapper(Toy(), dict(optimizer={**ADAMW, **given}))
    assert wrapper.optimizer.param_groups[0].get('fused') is fused


def test_a_fused_step_is_as_near_to_the_exact_one():
    exact, plain, fused = Toy().double(), Toy(), Toy()
    steps = [
        build_optim_wrapper(model, dict(optimizer=dict(ADAMW, fused=way)))
        for model, way in ((exact, False), (plain, False), (fused, True))
    ]
    for seed in range(20):
        data = {k: v.double() for k, v in batch(4, seed).items()}
        loss_of(exact, data).backward()
        for model, wrapper in zip((exact, plain, fused), steps, strict=True):
            for p, q in zip(
                model.parameters(), exact.parameters(), strict=True
            ):
                p.grad = q.grad.to(p.dtype)
            wrapper.step()
        exact.zero_grad()
    errors = [
        (weights(model) - weights(exact)).abs().max().item()
        for model in (plain, fused)
    ]
    assert errors[1] <= max(2 * errors[0], 1e-6)


def groups_of(checkpoint):
    return len(checkpoint['optimizer']['param_groups'])


@pytest.mark.parametrize(
    'schedule',
    [
        dict(type='CosineAnnealingLR', T_max=4, eta_min_ratio=0.1),
        dict(type='TimmCosineLR', warmup=1, eta_min_ratio=0.1),
        dict(type='LinearLR', start_factor=0.1, end=3),
    ],
    ids=lambda schedule: schedule['type'],
)
@pytest.mark.parametrize('amount', [3, 1])
def test_a_run_with_the_groups_of_the_host_resumes(tmp_path, schedule, amount):
    paramwise = PARAMWISE if amount == 3 else dict(norm_decay_mult=0.0)

    def run(folder, epochs=4, resume=False, **config):
        wrapper = dict(
            optimizer=dict(ADAMW, fused=False), paramwise_cfg=paramwise
        )
        (tmp_path / folder).mkdir(exist_ok=True)
        runner = plain_runner(
            tmp_path / folder,
            [],
            Toy(),
            epochs,
            optim_wrapper={**wrapper, **config},
            param_scheduler=dict(schedule, convert_to_iter_based=True),
            resume=resume,
            experiment_name=f'{tmp_path.name}_{resume}',
        )
        runner.train()
        return runner

    whole = run('whole', constructor=HOST)
    for path in (tmp_path / 'whole').glob('epoch_[34].pth'):
        path.unlink()
    saved = torch.load(tmp_path / 'whole/epoch_2.pth', weights_only=False)
    assert groups_of(saved) == 4
    resumed = run('whole', resume=True)
    groups = resumed.optim_wrapper.optimizer.param_groups
    assert len(groups) == amount
    assert torch.equal(weights(resumed.model), weights(whole.model))
    assert settings(resumed.model, resumed.optim_wrapper) == settings(
        whole.model, whole.optim_wrapper
    )


def test_the_run_chooses_how_a_resumed_optimizer_steps(tmp_path):
    def run(epochs, resume, **way):
        wrapper = dict(optimizer=dict(ADAMW, **way))
        runner = plain_runner(
            tmp_path, [], Toy(), epochs, optim_wrapper=wrapper, resume=resume
        )
        runner.train()
        return runner.optim_wrapper.optimizer.param_groups[0]['fused']

    assert run(1, False) is True
    assert run(2, True, fused=False) is False
    assert run(3, True) is True


def test_a_step_is_few_calls():
    model = nn.Sequential(*(nn.Linear(2, 2) for _ in range(50)))
    wrapper = build(model, paramwise_cfg=dict(flat_decay_mult=0.0))
    for p in model.parameters():
        p.grad = torch.ones_like(p)
    wrapper.step()  # the first one makes the moments
    with torch.profiler.profile() as profile:
        wrapper.step()
    calls = [
        event.name
        for event in profile.events()
        if event.name.startswith('aten::')
        and not getattr(event.cpu_parent, 'name', '').startswith('aten::')
    ]
    assert calls.count('aten::_fused_adamw_') == 2
    assert len(calls) <= 20
