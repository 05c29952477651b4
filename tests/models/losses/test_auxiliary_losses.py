import copy

import pytest
import torch
import torch.nn.functional as F
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample

import mmovar  # noqa: F401
from helpers import tiny_clip
from helpers.tiny_clip import NAMES, TEMPLATES, tiny_arch
from mmovar.clip import TextTransformer, VisionTransformer

DISTILLATION = dict(type='FeatureDistillation')
DECAY = dict(type='WeightDecayToCLIP', weight=3.0)


@pytest.fixture(scope='module')
def config(tmp_path_factory):
    return tiny_clip.recognizer_config(tmp_path_factory.mktemp('clip'))


def build(config, *losses, head=None, **kwargs):
    cls_head = dict(config['cls_head'], **(head or {}))
    model = MODELS.build(
        dict(config, cls_head=cls_head, auxiliary_losses=losses, **kwargs)
    )
    model.set_vocabulary(NAMES)
    return model.train()


def videos(size=2):
    generator = torch.Generator().manual_seed(0)
    return torch.randn(size, 1, 3, 4, 32, 32, generator=generator)


def losses_of(model):
    samples = [ActionDataSample().set_gt_label(i) for i in range(2)]
    return model.loss(videos(), samples)


def tune(model):
    generator = torch.Generator().manual_seed(1)
    for p in model.parameters():
        if p.requires_grad:
            p.data.add_(0.05 * torch.randn(p.shape, generator=generator))
    return model


def test_head_loss_is_that_of_a_plain_model(config):
    plain = losses_of(build(config))
    assert set(plain) == {'top1_acc', 'loss_cls'}
    found = losses_of(build(config, DISTILLATION, DECAY))
    assert found['loss_cls'] == plain['loss_cls']
    assert set(found) - set(plain) == {
        'loss_distill_visual',
        'loss_weight_decay',
    }


@pytest.mark.parametrize('tuned', ['vision', 'vision and text'])
def test_weight_decay_is_half_the_squared_distance_to_clip(config, tuned):
    head = dict(text_trainable='text' in tuned)
    model = tune(build(config, DECAY, head=head))
    loss = losses_of(model)['loss_weight_decay']
    clip = model.clip_state_dict()
    trained = [n for n, p in model.named_parameters() if p.requires_grad]
    assert any('text_encoder' in n for n in trained) == ('text' in tuned)
    weights = dict(model.named_parameters())
    expected = sum((weights[n] - clip[n]).square().sum() for n in trained)
    torch.testing.assert_close(loss, 1.5 * expected)
    loss.backward()
    for name, p in model.named_parameters():
        if name in trained:
            torch.testing.assert_close(p.grad, 3.0 * (p - clip[name]))
        else:
            assert p.grad is None


def test_weight_decay_leaves_out_what_clip_does_not_have(config):
    model = build(config, DISTILLATION, DECAY)
    model.auxiliary_losses[0].visual[2].weight.data.fill_(5.0)
    assert losses_of(model)['loss_weight_decay'] == 0


def test_untuned_frame_wise_student_has_no_distillation_loss(config):
    model = build(
        config,
        DISTILLATION,
        head=dict(text_trainable=True),
        backbone=dict(type='CLIPViT'),
    )
    losses = losses_of(model)
    for kind in ('visual', 'text'):
        assert abs(losses[f'loss_distill_{kind}'].item()) < 1e-5


def test_distillation_equals_a_hand_written_reference(config):
    model = tune(
        build(
            config,
            dict(DISTILLATION, weight=1.5, alpha=0.3),
            head=dict(text_trainable=True),
        )
    )
    losses = losses_of(model)
    clip = torch.load(config['weights'])['state_dict']
    vision, text = VisionTransformer(tiny_arch()), TextTransformer(tiny_arch())
    vision.load_state_dict(
        {k[7:]: v for k, v in clip.items() if k.startswith('visual.')}
    )
    text.load_state_dict(clip, strict=False)
    head = model.cls_head
    prompts = [t.format(n) for t in TEMPLATES for n in NAMES]
    with torch.no_grad():
        frames = vision.encode_frames(videos()[:, 0].transpose(1, 2))
        encoded = F.normalize(text(head.tokenizer(prompts)), dim=-1)
        encoded = encoded.unflatten(0, (3, 3)).mean(dim=0)
    student = F.normalize(model.extract_feat(videos())[0], dim=-1)
    loss = model.auxiliary_losses[0]
    for kind, own, target, projection in (
        ('visual', student, frames, loss.visual),
        ('text', head.text_features, encoded, loss.text),
    ):
        own = own + 0.3 * projection[2](F.gelu(projection[0](own)))
        distance = (
            F.normalize(own, dim=-1) - F.normalize(target, dim=-1)
        ).pow(2)
        expected = 1.5 * distance.sum(dim=-1).mean() / 2  # 1 - cosine
        torch.testing.assert_close(losses[f'loss_distill_{kind}'], expected)


def test_projections_start_at_zero_and_learn(config):
    model = tune(build(config, DISTILLATION))
    projection = model.auxiliary_losses[0].visual
    torch.nn.init.zeros_(projection[2].weight)
    losses_of(model)['loss_distill_visual'].backward()
    assert projection[2].weight.grad.abs().max() > 0
    assert all(layer.bias is None for layer in (projection[0], projection[2]))


def test_only_projections_enter_the_state_dict(config):
    plain = build(config)
    model = build(config, DISTILLATION, DECAY, head=dict(text_trainable=True))
    losses_of(model)
    extra = set(model.state_dict()) - set(plain.state_dict())
    assert extra == {
        f'auxiliary_losses.0.{kind}.{layer}.weight'
        for kind in ('visual', 'text')
        for layer in (0, 2)
    }
    assert {n for n, _ in model.named_parameters()} - extra == {
        n for n, _ in plain.named_parameters()
    }


def test_prediction_ignores_the_projections_and_needs_no_teacher(config):
    plain, model = build(config).eval(), build(config, DISTILLATION).eval()
    samples = [ActionDataSample() for _ in range(2)]
    found, expected = (
        torch.stack([s.pred_score for s in m.predict(videos(), samples)])
        for m in (model, plain)
    )
    assert torch.equal(found, expected)
    assert model.auxiliary_losses[0]._teacher is None


def test_teacher_is_shared_by_copies_and_gets_no_gradient(config):
    model = build(config, DISTILLATION, DECAY)
    sum(v for k, v in losses_of(model).items() if 'loss' in k).backward()
    twin = copy.deepcopy(model)
    for left, right in zip(
        model.auxiliary_losses, twin.auxiliary_losses, strict=True
    ):
        assert getattr(left, '_teacher', 0) is getattr(right, '_teacher', 0)
        assert getattr(left, '_reference', 0) is getattr(
            right, '_reference', 0
        )
    teacher = model.auxiliary_losses[0]._teacher.on(torch.device('cpu'))
    assert not teacher.training
    assert not any(p.requires_grad for p in teacher.parameters())
    assert teacher.text is None  # the student's text tower is frozen


def test_loading_the_teacher_draws_no_random_number(config):
    model = build(config, DISTILLATION)
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    losses_of(model)
    assert torch.equal(torch.rand(1), expected)


def test_teacher_text_follows_the_vocabulary(config):
    model = build(config, DISTILLATION, head=dict(text_trainable=True))
    losses_of(model)
    model.set_vocabulary(NAMES[::-1][:2])
    assert abs(losses_of(model)['loss_distill_text'].item()) < 1e-5


def test_a_step_encodes_text_once_in_the_student(config, monkeypatch):
    model = build(config, DISTILLATION, head=dict(text_trainable=True))
    calls = []
    encode = TextTransformer.encode

    def counted(self, tokens, **kwargs):
        calls.append(self is model.cls_head.text_encoder)
        return encode(self, tokens, **kwargs)

    monkeypatch.setattr(TextTransformer, 'encode', counted)
    for _ in range(3):
        losses_of(model)
    assert calls.count(True) == 3
    assert calls.count(False) == 1


def test_froster_draws_a_template_a_step_and_the_label(config):
    model = build(
        config,
        DISTILLATION,
        head=dict(type='FROSTERTextHead', text_trainable=True),
    )
    torch.manual_seed(0)
    drawn = set()
    for _ in range(20):
        losses_of(model)
        drawn.add(tuple(model.cls_head.drawn_prompts))
    assert drawn == {(i, 3) for i in range(3)}


def test_froster_prompts_carry_the_name_and_the_label(config):
    head = build(config, head=dict(type='FROSTERTextHead')).cls_head
    assert head._prompts(['box: the open box', 'ball']) == [
        ['a clip of box. box: the open box', 'a clip of ball. ball'],
        ['box box: the open box', 'ball ball'],
        ['the box. box: the open box', 'the ball. ball'],
        ['box: the open box', 'ball'],
    ]


@pytest.mark.parametrize('loss', [DISTILLATION, DECAY])
def test_model_without_clip_reference_is_refused(config, loss):
    with pytest.raises(ValueError, match=f'{loss["type"]}.*weights=None'):
        build(dict(config, weights=None), loss)


@pytest.mark.parametrize(
    ('loss', 'message'),
    [
        (dict(DECAY, weight=-1.0), r'weight must be in \[0, inf\), got -1\.0'),
        (dict(DISTILLATION, weight=-1.0), 'got -1.0 and 0.1'),
        (dict(DISTILLATION, alpha=-2.0), 'got 2.0 and -2.0'),
    ],
)
def test_negative_numbers_are_refused(config, loss, message):
    with pytest.raises(ValueError, match=message):
        build(config, loss)


def test_same_loss_twice_is_refused(config):
    with pytest.raises(ValueError, match="twice: .'WeightDecayToCLIP'"):
        build(config, DECAY, DECAY)
