"""Text features are kept as long as they are those of the weights."""

import copy
from types import SimpleNamespace

import pytest
import torch
from mmengine.hooks import EMAHook

from helpers.tiny_clip import NAMES, largest_difference


def fresh(head):
    """Encode the vocabulary without what the head keeps."""
    return head.encode_text(head.classnames)


def test_frozen_tower_encodes_once_per_vocabulary_and_phase(
    build, frames, count_encodes
):
    head = build()
    calls = count_encodes(head)
    for phase, mode in enumerate((True, False, True, False), start=1):
        head.train(mode)
        head(frames)
        head(frames)
        assert len(calls) == phase
    head.set_vocabulary(NAMES)
    head(frames)
    assert len(calls) == 4
    head.set_vocabulary(['push box'])
    head(frames)
    head(frames)
    assert len(calls) == 5


def test_trained_tower_encodes_once_per_evaluation(
    build, frames, count_encodes
):
    head = build(text_trainable=True).train()
    calls = count_encodes(head)
    assert head.text_features.requires_grad
    head(frames)
    assert len(calls) == 2
    head.eval()
    head(frames)
    assert not head.text_features.requires_grad
    assert len(calls) == 3


def test_they_are_not_in_the_state_dict(build, frames):
    head = build()
    keys = set(head.state_dict())
    head(frames)
    assert set(head.state_dict()) == keys
    names = {f'text_encoder.{key}' for key in head.text_encoder.state_dict()}
    assert keys == names | {'logit_scale'}


def scale_in_place(head):
    with torch.no_grad():
        head.text_encoder.text_projection[:, 0] *= 2


def load(head, assign=False):
    other = {
        key: value + 0.1 * torch.randn_like(value)
        for key, value in head.state_dict().items()
    }
    head.load_state_dict(other, assign=assign)


def load_by_assignment(head):
    load(head, assign=True)


def replace_data(head):
    projection = head.text_encoder.text_projection
    projection.data = torch.randn_like(projection)


def step(head):
    projection = head.text_encoder.text_projection
    projection.grad = torch.randn_like(projection)
    torch.optim.AdamW([projection], lr=0.1, foreach=True).step()


def cast(head):
    head.double()


CHANGES = [scale_in_place, load, load_by_assignment, replace_data, step, cast]


@pytest.mark.parametrize('change', CHANGES)
@pytest.mark.parametrize('training', [False, True])
def test_they_follow_the_weights_at_once(build, change, training):
    head = build().train(training)
    before = head.text_features
    change(head)
    after = head.text_features
    expected = fresh(head)
    assert after.dtype == expected.dtype
    assert largest_difference(after, expected) < 1e-6
    if change is not cast:
        assert largest_difference(after, before) > 1e-3


@pytest.mark.parametrize(
    'edit', [lambda p: p.neg_(), lambda p: p.copy_(p.flip(1))]
)
def test_they_follow_weights_swapped_behind_the_version_counters(build, edit):
    """MMEngine's loops call ``eval()`` and ``train()`` behind the swaps."""
    head = build().train()
    own = head.text_features
    hook = EMAHook()
    hook.before_run(SimpleNamespace(model=head))
    edit(hook.ema_model.module.text_encoder.text_projection.data)
    hook.before_val_epoch(None)
    averaged = head.eval().text_features
    assert largest_difference(averaged, fresh(head)) < 1e-6
    assert largest_difference(averaged, own) > 1e-3
    hook.after_val_epoch(None)
    assert largest_difference(head.train().text_features, own) < 1e-6


def test_copies_keep_their_own(build):
    head = build()
    own = head.text_features
    other = copy.deepcopy(head)
    scale_in_place(other)
    assert largest_difference(other.text_features, fresh(other)) < 1e-6
    assert torch.equal(head.text_features, own)


def test_features_kept_in_inference_mode_serve_training(build, frames):
    head = build()
    with torch.inference_mode():
        head.eval()(frames)
    frames.requires_grad_()
    head.train()(frames).sum().backward()
    assert frames.grad.abs().max() > 0
