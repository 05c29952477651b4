"""Key lists of the releases at ViT-B/16, there and back."""

import pytest
import torch
from mmaction.registry import MODELS

import mmovar  # noqa: F401
from helpers.released_weights import VOCABULARY, empty_release, keys_of
from mmovar.released import (
    LoadOptions,
    convert,
    convert_clip,
    to_hf_clip,
    to_open_clip,
)
from mmovar.released.completion import add_base
from mmovar.released.conversion import clip_part, require_fit

TABLE = {'token_embedding.weight': torch.zeros(()).expand(VOCABULARY, 512)}
FORMATS = {
    'clip': 'openai',
    'froster': 'froster',
    'st_adapter12': 'st_adapter',
    'st_adapter24': 'st_adapter',
    'tc_clip': 'tc_clip',
    'vclip': 'open_vclip',
    'vifi_both': 'vifi_clip',
    'vifi_vlprompt_b2n': 'vifi_clip',
    'vifi_vlprompt_fewshot': 'vifi_clip',
    'vita_clip': 'vita_clip',
    'xclip': 'xclip',
}
ONLY_CLIP = 'clip', 'froster', 'vclip', 'vifi_both'


def convert_full(model):
    """Convert the full key list of a release; complete it with the table."""
    conversion = convert(empty_release(model, 'full'))
    if lacks_table(conversion):
        add_base(conversion, convert_clip(TABLE))
    return conversion


def lacks_table(conversion):
    parts = {clip_part(name) for name in conversion.weights}
    return 'text tower' in parts and 'token table' not in parts


@pytest.mark.parametrize('model', FORMATS)
def test_every_key_has_its_place_in_the_model(model):
    conversion = convert_full(model)
    assert conversion.format.name == FORMATS[model]
    keys = {
        name.removeprefix('module.') for name, _, _ in keys_of(model, 'full')
    }
    assert keys == conversion.mapped.keys() | conversion.dropped.keys()
    config = conversion.format.model(
        conversion.shapes, LoadOptions(num_frames=None)
    )
    with torch.device('meta'):
        own = MODELS.build(config).state_dict()
    if config['backbone'].get('closed_set'):  # reads no joint space
        conversion.weights['backbone.proj'] = torch.zeros(768, 768)
    require_fit(conversion, {k: tuple(v.shape) for k, v in own.items()})


@pytest.mark.parametrize('model', ['tc_clip', 'vita_clip'])
def test_query_key_and_value_are_packed_in_this_order(model):
    numbers = {
        name.removeprefix('module.'): float(value.flatten()[0])
        for name, value in empty_release(model, 'full').items()
    }
    conversion = convert_full(model)
    packed = 0
    for theirs, ours in conversion.mapped.items():
        if '.q_proj.' in theirs:
            thirds = conversion.weights[ours].chunk(3)
            for part, third in zip('qkv', thirds, strict=True):
                expected = numbers[theirs.replace('.q_', f'.{part}_')]
                assert (third == expected).all(), theirs
            packed += 1
    assert packed == {'tc_clip': 24, 'vita_clip': 48}[model]


@pytest.mark.parametrize('model', ONLY_CLIP)
def test_models_that_are_clip_go_back_and_return(model):
    weights = convert_full(model).weights
    clip = to_open_clip(weights)
    expected = {name: shape for name, shape, _ in keys_of('clip', 'full')}
    assert {k: tuple(v.shape) for k, v in clip.items()} == expected
    assert_equal(convert(clip).weights, weights)
    hugging_face = to_hf_clip(weights)
    assert 'vision_model.pre_layrnorm.weight' in hugging_face
    again = convert(hugging_face)
    assert again.format.name == 'hf_clip'
    assert_equal(again.weights, weights)


@pytest.mark.parametrize('model', sorted(set(FORMATS) - set(ONLY_CLIP)))
def test_models_that_are_more_than_clip_do_not_go_back(model):
    with pytest.raises(ValueError, match='more than CLIP: .* no place in'):
        to_open_clip(convert_full(model).weights)


def assert_equal(left, right):
    assert left.keys() == right.keys()
    for name, value in left.items():
        assert torch.equal(value, right[name]), name
