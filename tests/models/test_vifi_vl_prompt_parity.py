"""VL prompting against the numbers of ViFi-CLIP's release.

Weights are drawn by their official names, so the test is also about names;
tolerances are those of ``tests/data/README.md``.
"""

import pytest
import torch
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample

from helpers.parity import (
    arch_of,
    checkpoint_shapes,
    draw_video,
    draw_weight,
    load_fixture,
)
from helpers.tiny_clip import largest_difference
from mmovar.released import FORMATS

LOGITS, RAW, UNIT = 1e-4, 5e-5, 1e-5
TOKENS = ('token_embedding.weight', (49408, 512))  # of the base CLIP
SETTINGS = [
    ('vifi_vlprompt', 'small', 4),
    pytest.param('vifi_vlprompt_fewshot', 'full', 8, marks=pytest.mark.slow),
    pytest.param('vifi_vlprompt_b2n', 'full', 8, marks=pytest.mark.slow),
]


def model_key(name):
    return FORMATS['vifi_clip'].rename(name)


def build(model, size, content):
    """A recognizer of a setting with the drawn weights."""
    prompts = content['prompting']
    recognizer = MODELS.build(
        dict(
            type='CLIPRecognizer',
            arch=arch_of(content['dims']),
            weights=None,
            backbone=dict(
                type='PromptedCLIPViT',
                n_ctx=prompts['n_ctx_vision'],
                depth=prompts['depth_vision'],
            ),
            cls_head=dict(
                type='LearnablePromptTextHead',
                n_ctx=prompts['n_ctx_text'],
                depth=prompts['depth_text'],
                templates='{}.' if prompts['n_ctx_text'] > 4 else 'vifi_clip',
                classname_style='underscores_to_spaces',
                classnames=content['class_names'],
                fusion='mean_embedding',
            ),
            trainable=['VPT', 'prompt_learner'],
        )
    )
    shapes = dict([*checkpoint_shapes(model, size).items(), TOKENS])
    recognizer.load_state_dict(
        {
            model_key(name): draw_weight(content['seed'], name, shape)
            for name, shape in shapes.items()
        }
    )
    return recognizer.eval()


@pytest.mark.parametrize('name, size, frames', SETTINGS)
def test_vl_prompting(name, size, frames):
    content = load_fixture(f'{name}_{size}_T{frames}')
    model = build(name, size, content)
    inputs = draw_video(content, 'float32').unsqueeze(1)

    def check(ours, key, tolerance):
        expected = torch.tensor(content[key])
        assert largest_difference(ours, expected) < tolerance

    with torch.no_grad():
        check(model.extract_feat(inputs)[0], 'frame_features', RAW)
        check(model.encode_video(inputs)[:, 0], 'video_feature_unit', UNIT)
        check(model.cls_head.text_features, 'text_feature_unit', UNIT)
        samples = [ActionDataSample() for _ in inputs]
        samples = model(inputs, samples, mode='predict')
        scores = torch.stack([sample.pred_score for sample in samples])
        check(scores, 'logits', LOGITS)

    train = content['train']
    samples = [ActionDataSample().set_gt_label(i) for i in train['labels']]
    loss = model.train()(inputs, samples, mode='loss')['loss_cls']
    assert loss.item() == pytest.approx(train['loss'], abs=1e-4)
    loss.backward()
    norms = {
        name: parameter.grad.norm().item()
        for name, parameter in model.named_parameters()
        if parameter.grad is not None
    }
    expected = {
        model_key(name): norm
        for name, norm in train['grad_norm_by_param'].items()
    }
    assert len(norms) == train['trainable']
    assert norms == pytest.approx(expected, rel=1e-3, abs=1e-5)
