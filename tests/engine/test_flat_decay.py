import pytest
from mmaction.registry import OPTIM_WRAPPER_CONSTRUCTORS
from torch import nn

import mmovar  # noqa: F401


def groups_of(model, **paramwise):
    constructor = OPTIM_WRAPPER_CONSTRUCTORS.build(
        dict(
            type='FlatDecayConstructor',
            optim_wrapper_cfg=dict(
                optimizer=dict(type='AdamW', lr=1.0, weight_decay=0.5)
            ),
            paramwise_cfg=paramwise,
        )
    )
    wrapper = constructor(model)
    names = {p: n for n, p in model.named_parameters()}
    return {
        names[param]: (group['lr'], group['weight_decay'])
        for group in wrapper.optimizer.param_groups
        for param in group['params']
    }


@pytest.fixture
def model():
    return nn.ModuleDict(
        dict(tower=nn.Linear(2, 2), fast=nn.Linear(2, 2), ln=nn.LayerNorm(2))
    )


def test_flat_parameters_do_not_decay_whatever_their_learning_rate(model):
    groups = groups_of(
        model, flat_decay_mult=0.0, custom_keys=dict(fast=dict(lr_mult=10))
    )
    assert groups == {
        'tower.weight': (1.0, 0.5),
        'tower.bias': (1.0, 0.0),
        'fast.weight': (10.0, 0.5),
        'fast.bias': (10.0, 0.0),
        'ln.weight': (1.0, 0.0),
        'ln.bias': (1.0, 0.0),
    }


def test_a_custom_decay_counts_more(model):
    groups = groups_of(
        model, flat_decay_mult=0.0, custom_keys=dict(fast=dict(decay_mult=2))
    )
    assert groups['fast.bias'] == groups['fast.weight'] == (1.0, 1.0)


def test_it_needs_a_factor(model):
    with pytest.raises(ValueError, match='needs paramwise_cfg.flat_decay'):
        groups_of(model)
