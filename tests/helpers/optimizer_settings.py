"""Settings of each parameter, as an optimizer has them."""

import copy

from mmengine.optim import build_optim_wrapper

HOST = 'mmengine.DefaultOptimWrapperConstructor'


def settings(model, wrapper):
    """Map names to learning rate, weight decay and whether they train."""
    found = {
        param: (group['lr'], group['weight_decay'])
        for group in wrapper.optimizer.param_groups
        for param in group['params']
    }
    named = model.named_parameters()
    return {name: (found.get(p), p.requires_grad) for name, p in named}


def check_settings(model, config):
    """Compare the optimizer of a config with that of the host."""
    config = copy.deepcopy(config)
    wrapper = build_optim_wrapper(model, config)
    if config.get('constructor') is None:  # the default
        host = build_optim_wrapper(model, dict(config, constructor=HOST))
        assert settings(model, wrapper) == settings(model, host)
    groups = wrapper.optimizer.param_groups
    kinds = {(group['lr'], group['weight_decay']) for group in groups}
    assert len(groups) == len(kinds) <= 4
    assert all(group['fused'] for group in groups)
    # the fused step of a CPU takes a parameter for a row of numbers
    assert all(p.is_contiguous() for p in model.parameters())
