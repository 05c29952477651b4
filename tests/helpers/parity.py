"""Fixtures of the reference implementations, and the rule of their weights.

The numbers and the rule are described in ``tests/data/README.md``.
"""

import json
import zlib
from functools import lru_cache
from zipfile import ZipFile

import numpy as np
import torch

from . import DATA

EMBEDDINGS = {
    *('class_embedding', 'cls_token', 'positional_embedding', 'pos_embed'),
    *('time_embed', 'local_global_bias_table', 'ctx', 'VPT', 'VPT_shallow'),
    *('global_prompts', 'local_prompts'),
}
ATTENTION = ('in_proj_weight', 'q_proj.', 'k_proj.', 'v_proj.')


ARCHIVE = DATA / 'parity.zip'


def fixture_names():
    """Names of all fixtures."""
    names = sorted(ZipFile(ARCHIVE).namelist())
    return [n.removesuffix('.json') for n in names if n.endswith('.json')]


def read_member(name):
    """Text of a file in the archive."""
    with ZipFile(ARCHIVE) as archive:
        return archive.read(name).decode()


def load_fixture(name):
    """Read the numbers of a model."""
    return json.loads(read_member(f'{name}.json'))


def keys_of(model, size):
    """Name, shape and kind of each key in an official checkpoint."""
    for line in read_member(f'keys_{model}_{size}.txt').splitlines():
        name, shape, kind = line.split('\t')
        shape = () if shape == 'scalar' else map(int, shape.split('x'))
        yield name, tuple(shape), kind


def scale_of(name, shape):
    """Mean and standard deviation of a parameter."""
    last = name.rsplit('.', 1)[-1]
    if name.endswith('logit_scale'):
        return 4.6052, 0.05
    if last == 'alpha':
        return 0.1, 0.02
    if last.endswith('bias'):
        return 0.0, 0.02
    if last == 'weight' and len(shape) == 1:
        return 1.0, 0.1
    if name.endswith('token_embedding.weight') or last in EMBEDDINGS:
        return 0.0, 0.5
    if last in ('proj', 'text_projection', 'prompts_visual_proj'):
        return 0.0, shape[0] ** -0.5
    gain = 1.25 if any(part in name for part in ATTENTION) else 1.0
    return 0.0, gain * float(np.prod(shape[1:])) ** -0.5


def draw_weight(seed, name, shape):
    """Draw the parameter of a name in an official checkpoint."""
    return _drawn(seed, name, tuple(shape)).clone()


@lru_cache(maxsize=256)
def _drawn(seed, name, shape):
    """Draw once for all tests: a token table alone has 25 million numbers."""
    mean, std = scale_of(name, shape)
    rng = np.random.default_rng([seed, zlib.crc32(name.encode())])
    z = np.asarray(rng.standard_normal(tuple(shape), dtype=np.float32))
    drawn = np.float32(mean) + np.float32(std) * z
    if 'VPT' in name:
        drawn = drawn.astype(np.float16)
    return torch.from_numpy(np.array(drawn, dtype=np.float32))


def draw_video(fixture, precision=None):
    """Draw the clips of a fixture, (B, 3, T, H, W), in its precision."""
    rng = np.random.default_rng(fixture['video_seed'])
    video = rng.standard_normal(fixture['video_shape'], dtype=np.float32)
    precision = precision or fixture['precision']
    video = torch.from_numpy(video).to(getattr(torch, precision))
    return video.transpose(1, 2)


def checkpoint_shapes(model, size):
    """Shape by name in an official checkpoint, without its buffers."""
    return {
        name.removeprefix('module.'): shape
        for name, shape, kind in keys_of(model, size)
        if kind != 'buffer'
    }


def arch_of(dims):
    """Sizes of a fixture's model in open_clip's form."""
    return dict(
        embed_dim=dims['embed_dim'],
        quick_gelu=True,
        vision_cfg=dict(
            image_size=dims['resolution'],
            patch_size=dims['patch'],
            width=dims['vision_width'],
            head_width=dims['vision_width'] // dims['vision_heads'],
            layers=dims['vision_layers'],
        ),
        text_cfg=dict(
            context_length=dims['context_length'],
            width=dims['text_width'],
            heads=dims['text_heads'],
            layers=dims['text_layers'],
        ),
    )
