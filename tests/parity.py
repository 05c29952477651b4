"""Fixtures of the reference implementations, and the rule of their weights.

The numbers and the rule are described in ``parity/README.md`` beside them.
They lie outside of the repository: in ``../shared/reference/parity``, or
where the environment variable ``MMOVAR_SHARED`` says ``shared`` is.
"""

import json
import os
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch

REPO = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get('MMOVAR_SHARED', REPO.parent / 'shared'))
PARITY = SHARED / 'reference' / 'parity'

needs_parity = pytest.mark.skipif(
    not PARITY.is_dir(), reason=f'no parity fixtures in {PARITY}'
)


def load_fixture(name):
    """Read the numbers of a model."""
    return json.loads((PARITY / f'{name}.json').read_text())


def scale_of(name, shape):
    """Mean and standard deviation of a parameter (section 1)."""
    last = name.rsplit('.', 1)[-1]
    if name.endswith('logit_scale'):
        return 4.6052, 0.05
    if last.endswith('bias'):
        return 0.0, 0.02
    if last == 'weight' and len(shape) == 1:
        return 1.0, 0.1
    embeddings = ('class_embedding', 'positional_embedding')
    if name.endswith('token_embedding.weight') or last in embeddings:
        return 0.0, 0.5
    if last in ('proj', 'text_projection'):
        return 0.0, shape[0] ** -0.5
    gain = 1.25 if 'in_proj_weight' in name else 1.0
    return 0.0, gain * float(np.prod(shape[1:])) ** -0.5


def draw_weight(seed, name, shape):
    """Draw the parameter of a name in an official checkpoint."""
    mean, std = scale_of(name, shape)
    rng = np.random.default_rng([seed, zlib.crc32(name.encode())])
    z = np.asarray(rng.standard_normal(tuple(shape), dtype=np.float32))
    drawn = np.float32(mean) + np.float32(std) * z
    return torch.from_numpy(np.array(drawn, dtype=np.float32))


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
