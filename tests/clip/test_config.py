import pytest

from helpers.tiny_clip import tiny_arch
from mmovar.clip import clip_config


@pytest.mark.parametrize(
    'name, tokens, heads, layers',
    [
        ('ViT-B-32', 50, 12, 12),
        ('ViT-B-16', 197, 12, 12),
        ('ViT-L-14', 257, 16, 24),
        ('ViT-L-14-336', 577, 16, 24),
    ],
)
def test_sizes_of_the_plain_vits(name, tokens, heads, layers):
    config = clip_config(name)
    vision = config.vision
    assert (vision.num_tokens, vision.heads) == (tokens, heads)
    assert vision.layers == layers
    assert (config.text.context_length, config.text.vocab_size) == (77, 49408)
    assert not config.quick_gelu
    assert clip_config(f'{name}-quickgelu').quick_gelu


def test_dict_of_open_clips_form():
    config = clip_config(tiny_arch())
    assert config.quick_gelu and config.embed_dim == 24
    assert (config.vision.heads, config.vision.num_tokens) == (2, 5)


def test_dict_defaults_are_those_of_open_clip():
    arch = tiny_arch()
    del arch['quick_gelu'], arch['text_cfg']['vocab_size']
    del arch['vision_cfg']['head_width']
    arch['vision_cfg']['width'] = 128
    config = clip_config(arch)
    assert not config.quick_gelu
    assert (config.vision.heads, config.text.vocab_size) == (2, 49408)


def test_reading_a_dict_leaves_it_as_it_is():
    arch = tiny_arch()
    clip_config(arch)
    assert arch == tiny_arch()


def test_config_passes_through():
    config = clip_config(tiny_arch())
    assert clip_config(config) is config


def test_unknown_name_lists_the_plain_vits():
    with pytest.raises(KeyError, match="no model 'ViT-B-17'.*ViT-B-16"):
        clip_config('ViT-B-17')


@pytest.mark.parametrize('name', ['RN50', 'coca_ViT-B-32', 'ViT-B-16-SigLIP'])
def test_other_architectures_are_refused(name):
    with pytest.raises(ValueError, match=f'{name} is not a plain CLIP ViT'):
        clip_config(name)


def test_heads_must_divide_the_widths():
    with pytest.raises(ValueError, match='vision width 40'):
        clip_config(tiny_arch(width=40))
    arch = tiny_arch()
    arch['text_cfg']['heads'] = 5
    with pytest.raises(ValueError, match='text width 32'):
        clip_config(arch)


def test_misspelt_size_is_named():
    with pytest.raises(ValueError, match='n_layers'):
        clip_config(tiny_arch(n_layers=2))
