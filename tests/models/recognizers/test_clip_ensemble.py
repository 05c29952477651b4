import copy

import pytest
import torch
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample
from mmengine.config import Config
from mmengine.optim import OptimWrapper
from mmengine.runner import load_checkpoint

import mmovar  # noqa: F401
from helpers import tiny_clip
from helpers.tiny_clip import NAMES, largest_difference


@pytest.fixture(scope='module')
def recognizer_config(tmp_path_factory):
    return tiny_clip.recognizer_config(tmp_path_factory.mktemp('clip'))


def build(config, names=NAMES):
    model = MODELS.build(copy.deepcopy(config)).eval()
    if names:
        model.set_vocabulary(names)
    return model


def ensemble(config, ratio=0.5, **kwargs):
    return dict(config, type='CLIPEnsemble', ratio=ratio, **kwargs)


def frame_wise(config):
    return dict(config, backbone=dict(type='CLIPViT'))


def tune(model, seed=1):
    """Move the vision tower and the temperature away from CLIP."""
    generator = torch.Generator().manual_seed(seed)
    for name, p in model.named_parameters():
        if p.requires_grad:
            noise = torch.randn(p.shape, generator=generator)
            p.data.add_(0.05 * noise)
            assert 'text_encoder' not in name or model.cls_head.text_trainable
    return model


def videos(seed=0, size=2, views=3):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(size, views, 3, 4, 32, 32, generator=generator)


@torch.no_grad()
def scores(model, inputs):
    samples = [ActionDataSample() for _ in inputs]
    predicted = model(inputs, samples, mode='predict')
    return torch.stack([sample.pred_score for sample in predicted])


def bare_and_joint(config, ratio, **kwargs):
    """A tuned recognizer, and an ensemble loaded with its state dict."""
    bare = tune(build(config))
    joint = build(ensemble(config, ratio, **kwargs))
    joint.load_state_dict(bare.state_dict())
    return bare, joint


def test_ratio_zero_is_the_recognizer_and_one_is_clip(recognizer_config):
    clip = build(frame_wise(recognizer_config))
    bare, joint = bare_and_joint(recognizer_config, 0.0)
    assert torch.equal(scores(joint, videos()), scores(bare, videos()))
    _, joint = bare_and_joint(recognizer_config, 1.0)
    assert torch.equal(scores(joint, videos()), scores(clip, videos()))
    assert not torch.allclose(scores(clip, videos()), scores(bare, videos()))


def test_logits_are_mixed_with_the_ratio_as_weight_of_clip(recognizer_config):
    clip = build(frame_wise(recognizer_config))
    bare, joint = bare_and_joint(recognizer_config, 0.3)
    expected = 0.3 * scores(clip, videos()) + 0.7 * scores(bare, videos())
    torch.testing.assert_close(scores(joint, videos()), expected)


def test_views_are_averaged_after_mixing(recognizer_config):
    head = dict(recognizer_config['cls_head'], average_clips='prob')
    config = dict(recognizer_config, cls_head=head)
    raw = dict(config, cls_head=dict(head, average_clips=None))
    clip = build(frame_wise(raw))
    bare, joint = bare_and_joint(config, 0.5)
    views = build(raw)
    views.load_state_dict(bare.state_dict())
    logits = 0.5 * (scores(clip, videos()) + scores(views, videos()))
    expected = logits.softmax(dim=-1).mean(dim=1)
    torch.testing.assert_close(scores(joint, videos()), expected)


def test_state_dicts_of_recognizer_and_ensemble_are_interchangeable(
    recognizer_config, tmp_path
):
    bare, joint = bare_and_joint(recognizer_config, 0.5)
    assert list(joint.state_dict()) == list(bare.state_dict())
    assert [name for name, _ in joint.named_parameters()] == [
        name for name, _ in bare.named_parameters()
    ]
    torch.save(dict(state_dict=bare.state_dict()), tmp_path / 'bare.pth')
    fresh = build(ensemble(recognizer_config))
    load_checkpoint(fresh, str(tmp_path / 'bare.pth'), strict=True)
    assert torch.equal(scores(fresh, videos()), scores(joint, videos()))
    build(recognizer_config).load_state_dict(joint.state_dict())
    assert joint.clip_state_dict().keys() <= bare.state_dict().keys()


def test_training_passes_through(recognizer_config):
    bare, joint = build(recognizer_config), build(ensemble(recognizer_config))
    losses = []
    for model in (bare, joint):
        model.train()
        assert model.backbone.training
        samples = [ActionDataSample().set_gt_label(i) for i in range(2)]
        data = dict(
            inputs=[torch.full((1, 3, 4, 32, 32), 90 + i) for i in range(2)],
            data_samples=samples,
        )
        wrapper = OptimWrapper(torch.optim.SGD(model.parameters(), lr=0.1))
        losses.append(model.train_step(data, wrapper))
    assert losses[0]['loss'] == losses[1]['loss']
    for left, right in zip(bare.parameters(), joint.parameters(), strict=True):
        assert torch.equal(left, right)
    clip = joint._clip.on(torch.device('cpu'))
    assert not clip.training
    assert all(p.grad is None for p in clip.parameters())


def count_text_passes(model, monkeypatch):
    calls = []
    text_tower = type(model.cls_head.text_encoder)
    encode = text_tower.encode

    def counted(self, tokens, **kwargs):
        calls.append(self)
        return encode(self, tokens, **kwargs)

    monkeypatch.setattr(text_tower, 'encode', counted)
    return calls


def test_text_is_encoded_once_for_both(recognizer_config, monkeypatch):
    _, joint = bare_and_joint(recognizer_config, 0.5)
    calls = count_text_passes(joint, monkeypatch)
    for seed in range(3):
        scores(joint, videos(seed))
    assert len(calls) == 1
    joint.set_vocabulary(NAMES[:2])
    assert scores(joint, videos()).shape == (2, 2)
    assert len(calls) == 2


@pytest.mark.parametrize('ratio', [0.5, 1])
def test_both_get_new_templates(recognizer_config, ratio):
    head = dict(recognizer_config['cls_head'], templates='push the {}')
    expected, joint = (
        ensemble(dict(recognizer_config, **changes), ratio)
        for changes in (dict(cls_head=head), {})
    )
    expected, joint = build(expected), build(joint)
    before = scores(joint, videos())
    joint.set_templates('push the {}')
    joint.set_vocabulary(NAMES)
    assert torch.equal(scores(joint, videos()), scores(expected, videos()))
    assert not torch.equal(scores(joint, videos()), before)


@pytest.mark.parametrize('trainable', [True, False])
def test_other_text_weights_get_a_pass_of_their_own(
    recognizer_config, monkeypatch, trainable
):
    head = dict(recognizer_config['cls_head'], text_trainable=trainable)
    config = dict(recognizer_config, cls_head=head)
    clip = build(frame_wise(config))
    _, joint = bare_and_joint(config, 1.0)
    with torch.no_grad():
        for p in joint.cls_head.text_encoder.parameters():
            p.add_(0.1)
    calls = count_text_passes(joint, monkeypatch)
    assert torch.equal(scores(joint, videos()), scores(clip, videos()))
    assert len(calls) == 3  # own, CLIP's, and that of `clip`
    # an average swapped in through .data is seen at the next phase
    for own, theirs in zip(
        joint.cls_head.text_encoder.parameters(),
        clip.cls_head.text_encoder.parameters(),
        strict=True,
    ):
        own.data.copy_(theirs)
    joint.eval()
    scores(joint, videos())
    assert len(calls) == 4


def test_clip_reads_the_prompts_of_a_head_with_vectors(recognizer_config):
    head = dict(
        type='LearnablePromptTextHead',
        templates='the {}.',
        classname_style='split_camel_case',
        fusion='mean_embedding',
        tokenizer=recognizer_config['cls_head']['tokenizer'],
    )
    config = dict(recognizer_config, cls_head=head)
    plain = build(
        frame_wise(dict(config, cls_head=dict(head, type='TextHead')))
    )
    joint = build(ensemble(config, 1.0))
    assert (
        largest_difference(scores(joint, videos()), scores(plain, videos()))
        < 1e-5
    )
    clip = joint._clip.on(torch.device('cpu')).cls_head
    assert type(clip).__name__ == 'TextHead'
    assert type(joint.cls_head).__name__ == 'LearnablePromptTextHead'


def test_clip_weights_are_needed(recognizer_config):
    with pytest.raises(ValueError, match='CLIPEnsemble needs CLIP weights'):
        build(dict(ensemble(recognizer_config), weights=None))


def test_copies_share_clip_and_follow_their_own_weights(recognizer_config):
    bare, joint = bare_and_joint(recognizer_config, 0.5)
    twin = copy.deepcopy(joint)
    assert twin._clip is joint._clip
    before = scores(joint, videos())
    tune(twin, seed=7)
    assert torch.equal(scores(joint, videos()), before)
    assert not torch.allclose(scores(twin, videos()), before)
    assert twin.backbone is not joint.backbone


def test_leaf_config_of_two_lines_makes_an_ensemble(
    recognizer_config, tmp_path
):
    (tmp_path / 'base.py').write_text(f'model = {recognizer_config!r}')
    (tmp_path / 'flat.py').write_text(
        "_base_ = './base.py'\nmodel = dict(type='CLIPEnsemble', ratio=0.2)"
    )
    by_option = Config.fromfile(tmp_path / 'base.py')
    by_option.merge_from_dict(
        {'model.type': 'CLIPEnsemble', 'model.ratio': 0.2}
    )
    expected = scores(build(ensemble(recognizer_config, 0.2)), videos())
    for config in (
        Config.fromfile(tmp_path / 'flat.py'),
        by_option,
    ):
        model = build(config.model)
        assert torch.equal(scores(model, videos()), expected)


@pytest.mark.parametrize('ratio', [-0.1, 1.1])
def test_ratio_out_of_range_is_refused(recognizer_config, ratio):
    with pytest.raises(ValueError, match=rf'in \[0, 1\], got {ratio}'):
        build(ensemble(recognizer_config, ratio))
