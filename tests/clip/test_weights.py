import json

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from helpers.tiny_clip import open_clip_model, tiny_arch
from mmovar.clip import (
    TextTransformer,
    VisionTransformer,
    load_clip_state_dict,
    merge_clip_state_dict,
)
from mmovar.clip.hf_format import to_hf_format

ARCH = tiny_arch()
OPENAI_SIZES = dict(input_resolution=32, context_length=12, vocab_size=12)
TEXT_KEYS = ('positional_', 'text_proj', 'token_', 'transformer.', 'ln_final')


@pytest.fixture(scope='module')
def weights():
    """Weights of open_clip's model that half precision represents."""
    state_dict = open_clip_model(ARCH).state_dict()
    return {key: value.half().float() for key, value in state_dict.items()}


def assert_equal(loaded, weights):
    assert loaded.keys() == weights.keys()
    for key, value in loaded.items():
        assert value.dtype == torch.float32, key
        assert torch.equal(value, weights[key]), key


def plain(weights, path):
    torch.save(weights, path)


def half(weights, path):
    torch.save({k: v.half() for k, v in weights.items()}, path)


def legacy(weights, path):
    torch.save(weights, path, _use_new_zipfile_serialization=False)


def open_clip_checkpoint(weights, path):
    """What open_clip's training writes, from a distributed run."""
    state_dict = {f'module.{key}': value for key, value in weights.items()}
    torch.save({'epoch': 3, 'name': 'run', 'state_dict': state_dict}, path)


def custom_text_clip(weights, path):
    """The names of open_clip's CustomTextCLIP."""
    torch.save(
        {
            f'text.{key}' if key.startswith(TEXT_KEYS) else key: value
            for key, value in weights.items()
        },
        path,
    )


def openai_state_dict(weights, path):
    sizes = {k: torch.tensor(v) for k, v in OPENAI_SIZES.items()}
    torch.save({k: v.half() for k, v in weights.items()} | sizes, path)


def openai_torchscript(weights, path):
    """A TorchScript archive with the tensors of OpenAI's, in half."""
    model = nn.Module()
    for name, value in weights.items():
        *folders, leaf = name.split('.')
        module = model
        for folder in folders:
            if folder not in dict(module.named_children()):
                module.add_module(folder, nn.Module())
            module = module.get_submodule(folder)
        module.register_parameter(leaf, nn.Parameter(value.half()))
    for name, value in OPENAI_SIZES.items():
        model.register_buffer(name, torch.tensor(value))
    torch.jit.script(model).save(str(path))


WRITERS = [
    *(plain, half, legacy, open_clip_checkpoint, custom_text_clip),
    *(openai_state_dict, openai_torchscript),
]


@pytest.mark.parametrize('write', WRITERS, ids=lambda w: w.__name__)
def test_torch_files_of_every_project(write, weights, tmp_path):
    path = tmp_path / 'weights.pt'
    write(weights, path)
    assert_equal(load_clip_state_dict(path, ARCH), weights)


def test_safetensors(weights, tmp_path):
    path = str(tmp_path / 'open_clip_model.safetensors')
    save_file({k: v.half() for k, v in weights.items()}, path)
    assert_equal(load_clip_state_dict(path, ARCH), weights)


def test_merged_towers_are_a_file_of_weights(weights, tmp_path):
    vision, text = VisionTransformer(ARCH), TextTransformer(ARCH)
    merged = merge_clip_state_dict(vision, text, torch.tensor(3.0))
    assert merged.keys() == weights.keys()
    torch.save(merged, tmp_path / 'mine.pt')
    assert_equal(load_clip_state_dict(tmp_path / 'mine.pt', ARCH), merged)


# --- what does not fit ---


def fails(content, path, match, arch=ARCH):
    torch.save(content, path)
    with pytest.raises(ValueError, match=match):
        load_clip_state_dict(path, arch)


def test_missing_weights_are_named(weights, tmp_path):
    content = dict(weights)
    del content['visual.proj'], content['ln_final.bias']
    match = "weights.pt does not fit 'custom': 2 .ln_final.bias, vis.* missing"
    fails(content, tmp_path / 'weights.pt', match)


def test_unexpected_weights_are_named(weights, tmp_path):
    content = weights | {'visual.head.weight': torch.zeros(2)}
    match = r'1 \(visual.head.weight\) unexpected'
    fails(content, tmp_path / 'weights.pt', match)


def test_other_shapes_are_named(weights, tmp_path):
    match = (
        r'1 \(visual.positional_embedding \(5, 32\) instead of '
        r'\(17, 32\)\) of another shape'
    )
    arch = tiny_arch(image_size=64)
    fails(weights, tmp_path / 'weights.pt', match, arch)


def test_deeper_model_lacks_weights(weights, tmp_path):
    match = r'12 \(visual.transformer.resblocks.\*.attn.*missing'
    fails(weights, tmp_path / 'weights.pt', match, tiny_arch(layers=4))


@pytest.mark.parametrize('write', [openai_state_dict, openai_torchscript])
def test_openai_weights_need_quick_gelu(write, weights, tmp_path):
    path = tmp_path / 'weights.pt'
    write(weights, path)
    match = "trained with QuickGELU, but 'custom' uses GELU.*with the suffix"
    with pytest.raises(ValueError, match=match):
        load_clip_state_dict(path, tiny_arch(quick_gelu=False))


@pytest.mark.parametrize(
    'act, needed, given', [('quick_gelu', 'Quick', ''), ('gelu', '', 'Quick')]
)
def test_hugging_face_folder_tells_its_activation(
    act, needed, given, tmp_path
):
    settings = {'vision_config': {'hidden_act': act}}
    (tmp_path / 'config.json').write_text(json.dumps(settings))
    match = f"trained with {needed}GELU, but 'custom' uses {given}GELU"
    with pytest.raises(ValueError, match=match):
        load_clip_state_dict(tmp_path, tiny_arch(quick_gelu=act == 'gelu'))


def test_folder_without_weights(tmp_path):
    with pytest.raises(FileNotFoundError, match='none of .*safetensors'):
        load_clip_state_dict(tmp_path, ARCH)


def test_neither_file_nor_tag():
    with pytest.raises(FileNotFoundError, match="'opanai' is no file, and"):
        load_clip_state_dict('opanai', 'ViT-B-16-quickgelu')
    with pytest.raises(FileNotFoundError, match="no such tag for 'custom'"):
        load_clip_state_dict('openai', ARCH)


# --- the activation, which tensors do not tell ---


@pytest.mark.parametrize('quick_gelu', [True, False])
def test_a_file_that_does_not_tell_its_activation_warns(
    weights, tmp_path, quick_gelu
):
    torch.save(weights, tmp_path / 'clip.pt')
    name = 'QuickGELU' if quick_gelu else 'GELU'
    match = f'clip.pt does not tell .* takes it for {name}: .*-quickgelu'
    with pytest.warns(UserWarning, match=match):
        load_clip_state_dict(tmp_path / 'clip.pt', tiny_arch(quick_gelu))


def write_hf(weights, folder, quick_gelu):
    act = 'quick_gelu' if quick_gelu else 'gelu'
    settings = {'vision_config': {'hidden_act': act}}
    (folder / 'config.json').write_text(json.dumps(settings))
    save_file(to_hf_format(weights), str(folder / 'model.safetensors'))
    return folder / 'model.safetensors'


def write_open_clip(weights, folder, quick_gelu):
    settings = {'model_cfg': {'quick_gelu': quick_gelu}}
    path = folder / 'open_clip_config.json'
    path.write_text(json.dumps(settings))
    torch.save(weights, folder / 'open_clip_pytorch_model.bin')
    return folder / 'open_clip_pytorch_model.bin'


def write_own(weights, folder, quick_gelu):
    content = dict(state_dict=weights, quick_gelu=quick_gelu)
    torch.save(content, folder / 'clip.pt')
    return folder / 'clip.pt'


@pytest.mark.filterwarnings('error::UserWarning')
@pytest.mark.parametrize('quick_gelu', [True, False])
@pytest.mark.parametrize('write', [write_hf, write_open_clip, write_own])
def test_a_file_or_a_config_beside_it_tells_the_activation(
    weights, tmp_path, write, quick_gelu
):
    path = write(weights, tmp_path, quick_gelu)
    loaded = load_clip_state_dict(path, tiny_arch(quick_gelu))
    assert_equal(loaded, weights)
    with pytest.raises(ValueError, match='were trained with .*GELU, but'):
        load_clip_state_dict(path, tiny_arch(not quick_gelu))


@pytest.mark.filterwarnings('error::UserWarning')
@pytest.mark.parametrize('write', [openai_state_dict, openai_torchscript])
def test_files_of_openai_tell_it_by_their_sizes(weights, tmp_path, write):
    write(weights, tmp_path / 'clip.pt')
    load_clip_state_dict(tmp_path / 'clip.pt', ARCH)
