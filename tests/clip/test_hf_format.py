import json

import pytest
import torch
from safetensors.torch import save_file

from helpers.tiny_clip import open_clip_model, tiny_arch
from mmovar.clip import load_clip_state_dict
from mmovar.clip.hf_format import from_hf_format, to_hf_format

ARCH = tiny_arch()


@pytest.fixture(scope='module')
def weights():
    return open_clip_model(ARCH).state_dict()


def to_hugging_face(weights):
    """Rename as transformers' own conversion of OpenAI's CLIP does.

    Written after ``convert_clip_original_pytorch_to_hf.py``, tower by tower.
    """
    out = {
        'logit_scale': weights['logit_scale'],
        'visual_projection.weight': weights['visual.proj'].T,
        'text_projection.weight': weights['text_projection'].T,
    }
    embeddings = 'vision_model.embeddings'
    out[f'{embeddings}.class_embedding'] = weights['visual.class_embedding']
    out[f'{embeddings}.patch_embedding.weight'] = weights[
        'visual.conv1.weight'
    ]
    out[f'{embeddings}.position_embedding.weight'] = weights[
        'visual.positional_embedding'
    ]
    out['text_model.embeddings.token_embedding.weight'] = weights[
        'token_embedding.weight'
    ]
    out['text_model.embeddings.position_embedding.weight'] = weights[
        'positional_embedding'
    ]
    for kind in ('weight', 'bias'):
        out |= {
            # sic: transformers spells it pre_layrnorm
            f'vision_model.pre_layrnorm.{kind}': weights[
                f'visual.ln_pre.{kind}'
            ],
            f'vision_model.post_layernorm.{kind}': weights[
                f'visual.ln_post.{kind}'
            ],
            f'text_model.final_layer_norm.{kind}': weights[f'ln_final.{kind}'],
        }
        for tower, prefix in ('vision', 'visual.'), ('text', ''):
            for i in range(3):
                ours = f'{prefix}transformer.resblocks.{i}'
                layer = f'{tower}_model.encoder.layers.{i}'
                attention = f'{layer}.self_attn'
                q, k, v = weights[f'{ours}.attn.in_proj_{kind}'].chunk(3)
                out |= {
                    f'{attention}.q_proj.{kind}': q,
                    f'{attention}.k_proj.{kind}': k,
                    f'{attention}.v_proj.{kind}': v,
                    f'{attention}.out_proj.{kind}': weights[
                        f'{ours}.attn.out_proj.{kind}'
                    ],
                    f'{layer}.layer_norm1.{kind}': weights[
                        f'{ours}.ln_1.{kind}'
                    ],
                    f'{layer}.layer_norm2.{kind}': weights[
                        f'{ours}.ln_2.{kind}'
                    ],
                    f'{layer}.mlp.fc1.{kind}': weights[
                        f'{ours}.mlp.c_fc.{kind}'
                    ],
                    f'{layer}.mlp.fc2.{kind}': weights[
                        f'{ours}.mlp.c_proj.{kind}'
                    ],
                }
    # in the order of names, as a safetensors file has them
    return {key: out[key].contiguous() for key in sorted(out)}


def assert_equal(loaded, weights):
    assert loaded.keys() == weights.keys()
    assert all(torch.equal(loaded[key], weights[key]) for key in weights)


def test_hugging_face_file(weights, tmp_path):
    path = tmp_path / 'model.safetensors'
    save_file(to_hugging_face(weights), str(path))
    assert_equal(load_clip_state_dict(path, ARCH), weights)


@pytest.mark.parametrize('settings', [None, {'vision_config': {}}])
def test_hugging_face_folder(settings, weights, tmp_path):
    """Old folders hold a pickle with ``position_ids`` buffers."""
    content = to_hugging_face(weights)
    content |= {
        'text_model.embeddings.position_ids': torch.arange(12)[None],
        'vision_model.embeddings.position_ids': torch.arange(5)[None],
    }
    torch.save(content, tmp_path / 'pytorch_model.bin')
    if settings is not None:
        (tmp_path / 'config.json').write_text(json.dumps(settings))
    assert_equal(load_clip_state_dict(tmp_path, ARCH), weights)


def test_hugging_face_folder_prefers_safetensors(weights, tmp_path):
    save_file(to_hugging_face(weights), str(tmp_path / 'model.safetensors'))
    (tmp_path / 'pytorch_model.bin').write_text('not read')
    settings = {'vision_config': {'hidden_act': 'quick_gelu'}}
    (tmp_path / 'config.json').write_text(json.dumps(settings))
    assert_equal(load_clip_state_dict(tmp_path, ARCH), weights)


@pytest.mark.parametrize(
    'name',
    [
        'audio_model.embeddings.weight',
        'vision_model.pooler.weight',
        'text_model.encoder.layers.0.mlp.fc3.weight',
    ],
)
def test_foreign_names_are_refused(name, weights):
    content = to_hugging_face(weights) | {name: torch.zeros(1)}
    with pytest.raises(KeyError, match=f'{name}.*no parameter of CLIP'):
        from_hf_format(content)


def test_weights_that_are_not_of_clip_have_no_name_there(weights):
    content = weights | {'head.weight': torch.zeros(1)}
    with pytest.raises(KeyError, match="'head.weight' is no parameter of"):
        to_hf_format(content)
