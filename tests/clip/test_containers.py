"""What lies around weights is taken off, and no tensor is lost."""

import numpy as np
import pytest
import torch

from mmovar.clip.containers import unwrap

WEIGHTS = {'a.weight': torch.ones(2), 'b': torch.zeros(1)}
OTHER = {'c': torch.ones(3)}
ONE = torch.ones(())
PARTS = dict(
    optimizer_state_dict={'state': {0: OTHER}},
    lr_scheduler={'base': ONE},
    **dict(model_ema=OTHER, shadow=OTHER, rng_state=torch.ones(9)),
    **dict(epoch=ONE, loss=ONE, max_accuracy=ONE, args={'a': ONE}),
    **dict(buffer_names=['a'], ds_version='0.1', criterion={}),
)


@pytest.mark.parametrize(
    'name',
    [
        *('model_state', 'state_dict', 'model', 'model_state_dict', 'net'),
        *('module', 'shadow'),
    ],
)
def test_every_wrapper_gives_its_weights(name):
    weights, dropped = unwrap(dict(PARTS, **{name: WEIGHTS}))
    assert weights == WEIGHTS
    assert dropped.keys() == PARTS.keys() - {name}
    assert dropped['model_ema'] == 'a second, averaged copy of the weights'
    assert dropped['epoch'] == dropped['loss'] == 'progress of training'


@pytest.mark.parametrize('prefix', ['module.', '_orig_mod.module.'])
def test_prefixes_of_wrapped_models_are_taken_off(prefix):
    wrapped = {prefix + name: value for name, value in WEIGHTS.items()}
    assert unwrap(wrapped)[0] == WEIGHTS


@pytest.mark.parametrize(
    ('name', 'content', 'match'),
    [
        ('model_state_dict', {'fusion_model_state_dict': OTHER}, 'ActionCLIP'),
        ('state_dict', {'model': OTHER}, "'model'"),
        ('model', {'head': {'deep': [{'er': OTHER}]}}, "'head'"),
        ('model', {'criterion': OTHER}, "'criterion'"),
        ('model', {'best_model': OTHER}, "'best_model'"),
        ('model', {'semantic_head': OTHER}, "'semantic_head'"),
        ('model', {'logit_scale': ONE}, "'logit_scale'"),
        ('model', {'queue': [np.ones(2)]}, "'queue'"),
    ],
)
def test_other_tensors_are_refused_by_name(name, content, match):
    with pytest.raises(ValueError, match=f'beside .*{name}.* under .*{match}'):
        unwrap({name: WEIGHTS, **content})


def test_a_state_dict_may_not_hide_tensors():
    with pytest.raises(ValueError, match="beside the weights .*'fusion'"):
        unwrap(dict(WEIGHTS, fusion=OTHER))
    assert unwrap(dict(WEIGHTS, optimizer=OTHER))[0] == WEIGHTS


def test_hooks_add_to_checkpoints_of_mmengine():
    content = dict(state_dict=WEIGHTS, meta={}, iwr_start=OTHER)
    assert unwrap(content)[0] == WEIGHTS


def test_two_weights_of_a_name_are_refused():
    with pytest.raises(ValueError, match="two weights are 'b', one is"):
        unwrap({'b': ONE, 'module.b': ONE})


@pytest.mark.parametrize(
    'content', [{}, {'model': {}}, {'best': OTHER}, {'a': np.array(['x'])}]
)
def test_without_weights_entries_are_named(content):
    with pytest.raises(ValueError, match='there are no weights in it'):
        unwrap(content)
