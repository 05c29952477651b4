"""IWR's extra pass under automatic mixed precision."""

import pytest
import torch
from mmaction.registry import OPTIM_WRAPPERS
from mmengine.optim.optimizer import amp_optimizer_wrapper

from helpers.toy import ClipToy, batch, flat_gradient, interpolated, weights
from helpers.toy_training import BarePass
from mmovar.engine.hooks import IWRHook


@pytest.fixture
def amp(monkeypatch):
    """Let MMEngine build its AMP wrapper on a CPU."""
    monkeypatch.setattr(amp_optimizer_wrapper, 'is_cuda_available', lambda: 1)
    monkeypatch.setattr(
        amp_optimizer_wrapper,
        'GradScaler',
        lambda **kwargs: torch.amp.GradScaler('cpu', **kwargs),
    )

    def run(loss_scale, data=None, steps=3):
        model = ClipToy()
        wrapper = OPTIM_WRAPPERS.build(
            dict(
                type='AmpOptimWrapper',
                optimizer=torch.optim.AdamW(model.parameters(), lr=0.05),
                loss_scale=loss_scale,
                dtype='bfloat16',
                clip_grad=dict(max_norm=0.5),
            )
        )
        hook = IWRHook()
        trainer = BarePass(model, wrapper)
        hook.before_train(trainer)
        for step in range(steps):
            trainer.step(hook, data or batch(8, seed=step))
        return model, wrapper

    return run


def test_both_passes_share_one_loss_scale(amp):
    scaled, _ = amp(dict(init_scale=1024.0))
    unscaled, _ = amp(dict(enabled=False))
    torch.testing.assert_close(
        weights(scaled), weights(unscaled), atol=1e-6, rtol=0
    )


def test_overflow_in_a_pass_skips_the_step_and_lowers_the_scale(amp):
    bad = batch(4)
    bad['inputs'][0] = torch.inf
    model, wrapper = amp(dict(init_scale=1024.0), data=bad, steps=1)
    assert torch.equal(weights(model), weights(ClipToy()))
    assert wrapper.loss_scaler.get_scale() == 512.0


def test_autocast_does_not_hide_the_interpolated_weights(amp):
    model, wrapper = amp(dict(enabled=False), steps=0)
    hook = IWRHook(max_alpha=1.0, loss_weight=1.0)
    trainer = BarePass(model, wrapper)
    hook.before_train(trainer)
    hook.draw_alpha = lambda iteration: 1.0
    data = batch(8)
    hook.before_train_iter(trainer, 0, data)
    far = interpolated(model, 1.0)
    left = torch.cat([p.grad.flatten() for p in model.net.parameters()])
    torch.testing.assert_close(
        left, flat_gradient(far, data), atol=0.05, rtol=0.05
    )
    assert (flat_gradient(model, data) - left).abs().max() > 1
    model.train_step(data, optim_wrapper=TakeGradient(wrapper))
    both = torch.cat([p.grad.flatten() for p in model.net.parameters()])
    torch.testing.assert_close(
        both - left, flat_gradient(model, data), atol=0.05, rtol=0.05
    )


class TakeGradient:
    """The loop's own pass without the step at its end."""

    def __init__(self, wrapper):
        self.optim_context = wrapper.optim_context
        self.update_params = torch.Tensor.backward
