import pytest

from helpers.tiny_clip import tiny_arch
from mmovar.models import TCCLIPViT


@pytest.mark.parametrize(
    'options, message',
    [
        (dict(selection='norm'), "'norm' is none of"),
        (dict(aggregation='mean'), "'mean' is none of"),
        (dict(tokens='patch'), "'patch' is none of"),
        (dict(token_layers=(1,)), 'without tokens'),
        (dict(tokens='cls', token_layers=(4,)), r'\(4,\) are not in 1\.\.3'),
        (dict(tokens='cls', token_layers=(-4,)), 'are not in'),
        (dict(tokens='cls', token_layers=()), 'are not in'),
        (dict(tokens='cls', pooled=True), 'pooled=True'),
        (dict(joint_frames=0), 'joint_frames must be 1 or more'),
    ],
)
def test_options_that_do_not_fit(options, message):
    with pytest.raises(ValueError, match=message):
        TCCLIPViT(
            tiny_arch(image_size=64),
            **dict(dict(seed_ratio=0.5, num_context=6), **options),
        )
