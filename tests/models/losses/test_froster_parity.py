"""FROSTER's loss terms against numbers of its released code.

The numbers belong to weights and videos that a rule generates, see
``tests/data/README.md``.
"""

import numpy as np
import pytest
import torch
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample

import mmovar  # noqa: F401
from helpers.parity import arch_of, draw_weight, load_fixture

SIZES = [
    'froster_small_T4',
    pytest.param('froster_full_T8', marks=pytest.mark.slow),
]


def released_name(ours):
    """Name of a parameter in FROSTER's checkpoints."""
    for prefix, theirs in (
        ('backbone.', 'model.visual.'),
        ('cls_head.text_encoder.', 'model.'),
        ('cls_head.', 'model.'),
        ('auxiliary_losses.0.visual.', 'projector_v.'),
        ('auxiliary_losses.0.text.', 'projector_t.'),
    ):
        if ours.startswith(prefix):
            return ours.replace(prefix, theirs, 1)
    raise KeyError(ours)


class Case:
    """A student, its teacher and one batch."""

    def __init__(self, fixture, folder):
        self.fixture = fixture
        arch = arch_of(fixture['dims'])
        config = dict(
            type='CLIPRecognizer',
            arch=arch,
            weights=None,
            backbone=dict(type='VCLIPViT'),
            cls_head=dict(
                type='FROSTERTextHead', text_trainable=True, topk=(1,)
            ),
        )
        bare = MODELS.build(config).state_dict()
        self.teacher = {
            key: draw_weight(
                fixture['teacher_seed'],
                released_name(key).removeprefix('model.'),
                value.shape,
            )
            for key, value in bare.items()
        }
        path = folder / 'clip.pt'
        torch.save(
            {
                released_name(key).removeprefix('model.'): value
                for key, value in self.teacher.items()
            },
            path,
        )
        config.update(
            weights=str(path),
            auxiliary_losses=[dict(type='FeatureDistillation', weight=2.0)],
        )
        self.model = MODELS.build(config)
        self.student = {
            key: draw_weight(fixture['seed'], released_name(key), value.shape)
            for key, value in self.model.state_dict().items()
        }
        self.model.set_vocabulary(fixture['class_labels'])
        drawn = fixture['train_template_index']
        self.model.cls_head._draw_prompts = lambda: [drawn, 28]
        video = np.random.default_rng(fixture['video_seed']).standard_normal(
            tuple(fixture['video_shape']), dtype=np.float32
        )
        self.inputs = torch.from_numpy(video).transpose(1, 2).unsqueeze(1)

    def losses(self, share_of_teacher=0.0):
        state_dict = {
            key: (1 - share_of_teacher) * value
            + share_of_teacher * self.teacher.get(key, value)
            for key, value in self.student.items()
        }
        self.model.load_state_dict(state_dict)
        self.model.train()
        samples = [
            ActionDataSample().set_gt_label(label)
            for label in self.fixture['labels']
        ]
        return self.model.loss(self.inputs, samples)


@pytest.fixture(scope='module', params=SIZES)
def case(request, tmp_path_factory):
    fixture = load_fixture(request.param)
    return Case(fixture, tmp_path_factory.mktemp('froster'))


def test_prompts_equal_the_released_ones(case):
    head = case.model.cls_head
    ours = [
        [row[row > 0].tolist() for row in prompt]
        for prompt in head._tokens[head._draw_prompts()]
    ]
    assert ours == case.fixture['token_ids_train']


def test_loss_terms_and_gradients_equal_the_released_ones(case):
    losses, fixture = case.losses(), case.fixture
    assert losses['loss_cls'].item() == pytest.approx(fixture['ce'], abs=1e-4)
    for kind in ('visual', 'text'):
        assert losses[f'loss_distill_{kind}'].item() == pytest.approx(
            2 * fixture[f'distill_{kind}'], abs=1e-4
        )
    total = sum(value for key, value in losses.items() if 'loss' in key)
    assert total.item() == pytest.approx(fixture['loss'], abs=1e-4)
    total.backward()
    found = {
        released_name(name): p.grad.norm().item()
        for name, p in case.model.named_parameters()
    }
    case.model.zero_grad()
    assert found == pytest.approx(
        fixture['grad_norm_by_param'], rel=1e-3, abs=1e-5
    )


def test_loss_terms_of_a_student_near_its_teacher(case):
    losses, mixed = case.losses(share_of_teacher=0.75), case.fixture
    mixed = mixed['mix_case']
    assert losses['loss_cls'].item() == pytest.approx(mixed['ce'], abs=1e-4)
    for kind in ('visual', 'text'):
        assert losses[f'loss_distill_{kind}'].item() == pytest.approx(
            2 * mixed[f'distill_{kind}'], abs=1e-4
        )


def test_evaluation_averages_all_29_prompts(case):
    case.model.load_state_dict(case.student)
    case.model.eval()
    with torch.no_grad():
        frames, _ = case.model.extract_feat(case.inputs, test_mode=True)
        logits = case.model.cls_head(frames)
    torch.testing.assert_close(
        logits,
        torch.tensor(case.fixture['logits_eval_29_templates']),
        atol=1e-4,
        rtol=0,
    )
