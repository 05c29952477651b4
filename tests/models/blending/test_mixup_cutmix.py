"""Blending of batches."""

import pytest
import torch
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample

import mmovar  # noqa: F401
from mmovar.models.blending import MixupCutmix

LABELS = [0, 3, 4, 1]


def clips(size=4, frames=3, side=16):
    """Clip b is flat and has the value b; shape (B, 1, 3, T, H, W)."""
    flat = torch.arange(float(size)).view(-1, 1, 1, 1, 1, 1)
    return flat.expand(size, 1, 3, frames, side, side).clone()


def samples(labels=LABELS):
    return [ActionDataSample().set_gt_label(label) for label in labels]


def blend(blending, inputs=None, labels=LABELS):
    inputs = clips(len(labels)) if inputs is None else inputs
    inputs, out = blending(inputs, samples(labels))
    return inputs, torch.stack([sample.gt_label for sample in out])


def test_rows_sum_to_one_and_other_classes_have_the_off_value():
    torch.manual_seed(0)
    blending = MixupCutmix(num_classes=10)
    for _ in range(20):
        _, rows = blend(blending)
        assert rows.shape == (4, 10)
        assert torch.allclose(rows.sum(dim=1), torch.ones(4))
        others = [c for c in range(10) if c not in LABELS]
        assert torch.allclose(rows[:, others], torch.tensor(0.1 / 10))
        assert (rows >= 0.1 / 10 - 1e-7).all()


def test_mixup_weighs_clips_and_labels_alike():
    torch.manual_seed(1)
    inputs, rows = blend(
        MixupCutmix(cutmix_prob=0, label_smoothing=0, num_classes=5)
    )
    # the value of clip b is b, so a blend of labels names its value
    value_of_class = torch.zeros(5)
    value_of_class[LABELS] = torch.arange(4.0)
    assert (inputs == inputs[..., :1, :1]).all()
    assert torch.allclose(inputs[:, 0, 0, 0, 0, 0], rows @ value_of_class)


def test_cutmix_has_one_box_and_lambda_is_its_share():
    blending = MixupCutmix(cutmix_prob=1, label_smoothing=0, num_classes=5)
    shares = set()
    for seed in range(20):
        torch.manual_seed(seed)
        inputs, rows = blend(blending)
        foreign = inputs != clips()
        assert (foreign == foreign[:, :, :1, :1]).all()  # frames, channels
        boxes = foreign[:, 0, 0, 0]
        moved = [b for b in range(4) if boxes[b].any()]
        assert all(torch.equal(boxes[b], boxes[moved[0]]) for b in moved)
        for b in moved:
            share = boxes[b].float().mean().item()
            own = rows[b, LABELS[b]].item()
            assert own == pytest.approx(1 - share, abs=1e-6)
            shares.add(round(share, 3))
    assert len(shares) > 5


def test_choice_is_even_and_every_batch_is_blended():
    torch.manual_seed(0)
    blending = MixupCutmix(num_classes=5)
    flat = mixed = 0
    for _ in range(400):
        inputs, _ = blend(blending)
        flat += bool((inputs == inputs[..., :1, :1]).all())
        mixed += bool((inputs != clips()).any())
    assert 150 < flat < 260  # a cutmix whose box is empty is flat as well
    assert mixed > 350  # a permutation of 4 leaves all in place 1 in 24


def test_one_clip_blends_with_itself():
    _, rows = blend(MixupCutmix(num_classes=4), labels=[2])
    assert torch.allclose(
        rows, torch.tensor([[0.025, 0.025, 0.925, 0.025]]), atol=1e-6
    )


def test_epoch_and_batch_alone_decide_and_torch_is_left_alone():
    def draw(epoch, batches, seed=0):
        blending = MixupCutmix(num_classes=5)
        blending.set_epoch(epoch, seed)
        return [blend(blending)[0] for _ in range(batches)]

    torch.manual_seed(7)
    before = torch.get_rng_state()
    first = draw(0, 3)
    assert torch.equal(before, torch.get_rng_state())
    torch.manual_seed(8)
    again = draw(0, 3)
    assert all(map(torch.equal, first, again))
    assert not torch.equal(first[0], first[1])
    assert not torch.equal(first[0], draw(1, 1)[0])
    assert not torch.equal(first[0], draw(0, 1, seed=1)[0])


def test_ranks_blend_differently(monkeypatch):
    module = 'mmovar.models.blending.mixup_cutmix.get_rank'
    drawn = []
    for rank in (0, 1):
        monkeypatch.setattr(module, lambda rank=rank: rank)
        blending = MixupCutmix(num_classes=5)
        blending.set_epoch(0)
        drawn.append(blend(blending)[0])
    assert not torch.equal(*drawn)


def test_preprocessor_builds_it_and_blends_in_training_only():
    preprocessor = MODELS.build(
        dict(
            type='mmaction.ActionDataPreprocessor',
            format_shape='NCTHW',
            blending=dict(type='MixupCutmix', num_classes=5),
        )
    )
    data = dict(inputs=list(clips()), data_samples=samples())
    tested = preprocessor(dict(data), training=False)
    assert torch.equal(tested['inputs'], clips())
    trained = preprocessor(dict(data), training=True)
    assert trained['data_samples'][0].gt_label.shape == (5,)


@pytest.mark.parametrize(
    ('wrong', 'message'),
    [
        (dict(mixup_alpha=0), 'mixup_alpha'),
        (dict(cutmix_alpha=-1.0), 'cutmix_alpha'),
        (dict(cutmix_prob=1.5), 'cutmix_prob'),
        (dict(label_smoothing=-0.1), 'label_smoothing'),
    ],
)
def test_wrong_values_are_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        MixupCutmix(**wrong)


def test_classes_must_be_known_and_fit_the_labels():
    with pytest.raises(ValueError, match='num_classes'):
        blend(MixupCutmix())
    with pytest.raises(ValueError, match='label 4'):
        blend(MixupCutmix(num_classes=4))
