"""Tiny models for the demo page: frozen CLIP, and one moved away from it."""

import torch

from mmovar.clip import recognizer_name

from .tiny_config import write_weights

_CONFIG = """
default_scope = 'mmaction'
custom_imports = dict(imports=['mmovar'], allow_failed_imports=False)
model = dict(
    type='CLIPRecognizer',
    arch={arch!r},
    weights={weights!r},
    backbone=dict(type='CLIPViT'),
    cls_head=dict(type={head!r}, templates='bare', tokenizer={words!r}),
)
test_pipeline = [
    dict(type='VideoInit'),
    dict(
        type='SampleFrames',
        clip_len=2,
        frame_interval=4,
        num_clips=1,
        test_mode=True,
    ),
    dict(type='VideoDecode'),
    dict(type='Resize', scale=(32, 32), keep_ratio=False),
    dict(type='FormatShape', input_format='NCTHW'),
    dict(type='PackActionInputs'),
]
"""


def write_model(folder, arch, name, tuned=False, head='TextHead'):
    """Write a model that knows four words; return CONFIG[:CHECKPOINT]."""
    words, weights = folder / 'words.txt', folder / 'clip.pt'
    words.write_text('archery\nswimming\ntai\nchi\n')
    torch.manual_seed(0)
    write_weights(arch, weights)
    config = folder / f'{name}.py'
    files = dict(weights=str(weights), words=str(words))
    config.write_text(_CONFIG.format(arch=arch, head=head, **files))
    if not tuned:
        return str(config)
    state_dict = {
        recognizer_name(key): value
        + 0.3 * key.startswith('visual.') * torch.randn(value.shape)
        for key, value in torch.load(weights)['state_dict'].items()
    }
    checkpoint = folder / f'{name}.pth'
    torch.save(dict(state_dict=state_dict, meta={}), checkpoint)
    return f'{config}:{checkpoint}'
