"""CLIP's real sizes, at full depth, against open_clip's own model.

Features are compared as unit vectors to 1e-6 and logits to 1e-5, at the
temperature of the random model (14.3). At that of trained CLIP (100) the
deviation is 9e-6, about one unit in the last place of a logit.
"""

import pytest
import torch
import torch.nn.functional as F

from helpers.tiny_clip import largest_difference, open_clip_model
from mmovar.clip import BytePairTokenizer, TextTransformer, VisionTransformer

TEXTS = [
    'a photo of a person playing guitar.',
    'archery',
    'a demonstration of a person performing the long jump on a rainy day.',
    'a video of brushing hair.',
]


@pytest.mark.parametrize(
    'name',
    [
        'ViT-B-32',
        'ViT-B-16-quickgelu',
        pytest.param('ViT-L-14', marks=pytest.mark.slow),
        pytest.param('ViT-L-14-336', marks=pytest.mark.slow),
    ],
)
@torch.no_grad()
def test_both_towers_equal_open_clip(name):
    theirs = open_clip_model(name)
    with torch.device('meta'):
        vision, text = VisionTransformer(name), TextTransformer(name)
    vision.load_state_dict(theirs.visual.state_dict(), assign=True)
    weights = theirs.state_dict()
    text.load_state_dict(
        {key: weights[key] for key in text.state_dict()}, assign=True
    )
    tokens = BytePairTokenizer()(TEXTS)
    images = torch.randn(2, 3, vision.image_size, vision.image_size)

    ours_image = F.normalize(vision.encode_frames(images[None])[0], dim=-1)
    ours_text = F.normalize(text.encode(tokens), dim=-1)

    image = theirs.encode_image(images, normalize=True)
    words = theirs.encode_text(tokens, normalize=True)
    assert largest_difference(ours_image, image) < 1e-6
    assert largest_difference(ours_text, words) < 1e-6
    scale = theirs.logit_scale.exp()
    logits = theirs.get_logits(images, tokens)[0]
    assert largest_difference(scale * ours_image @ ours_text.T, logits) < 1e-5
