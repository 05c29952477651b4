"""What ViFi-CLIP's declarations tune, counted at full size without weights."""

import pytest
import torch
from mmaction.registry import MODELS
from mmengine.config import Config
from mmengine.registry import init_default_scope

from helpers.tiny_config import CONFIGS

VISION, TEXT = 86_192_640, 38_131_200  # without the token embedding
FOLDER = CONFIGS / '_base_' / 'models'


def tuned(module):
    return sum(p.numel() for p in module.parameters() if p.requires_grad)


@pytest.mark.parametrize(
    'trainable, number',
    [
        (None, VISION + TEXT + 1),  # the config's own: both, temperature
        (['backbone'], VISION),
        (['text_encoder'], TEXT),
    ],
)
def test_fine_tuning(trainable, number):
    init_default_scope('mmaction')
    config = Config.fromfile(FOLDER / 'vifi_clip.py').model
    config.weights = None
    config.data_preprocessor.pop('blending', None)  # draws numbers
    config.trainable = trainable or config.trainable
    with torch.device('meta'):
        assert tuned(MODELS.build(config)) == number


@pytest.mark.parametrize(
    'file, number',
    [('vifi_vl_prompt', 12 * 10 * 768), ('vifi_vl_prompt_b2n', 9 * 16 * 768)],
)
def test_vision_prompts(file, number):
    init_default_scope('mmaction')
    model = Config.fromfile(FOLDER / f'{file}.py').model
    with torch.device('meta'):
        backbone = MODELS.build(dict(model.backbone, arch=model.arch))
    assert tuned(backbone) == VISION + number
    assert (model.cls_head.n_ctx, model.cls_head.depth) == (
        model.backbone.n_ctx,
        model.backbone.depth,
    )
