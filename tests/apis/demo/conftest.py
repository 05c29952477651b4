"""Tiny models that a demo may ask."""

import pytest
import torch
from tiny_config import write_weights


@pytest.fixture
def write_model(tmp_path, tiny_config, tiny_arch):
    """Write a config with CLIP weights, and a checkpoint away from them.

    Returns its path, or ``CONFIG:CHECKPOINT``.
    """
    torch.manual_seed(0)
    weights = write_weights(tiny_arch, tmp_path / 'clip.pt')
    clip = torch.load(weights)
    text = tiny_config.read_text()

    def write(name, tuned=False, head='TextHead'):
        config = tmp_path / f'{name}.py'
        config.write_text(
            text.replace('weights=None', f'weights={weights!r}').replace(
                "type='TextHead'", f"type='{head}'"
            )
        )
        if not tuned:
            return str(config)
        state_dict = {
            key.replace('visual.', 'backbone.'): value
            + 0.3 * torch.randn(value.shape)
            for key, value in clip.items()
            if key.startswith('visual.')
        }
        checkpoint = tmp_path / f'{name}.pth'
        torch.save(dict(state_dict=state_dict, meta={}), checkpoint)
        return f'{config}:{checkpoint}'

    return write


@pytest.fixture
def sources(write_model):
    """Frozen CLIP, and one that was moved away from it."""
    return {'CLIP': write_model('clip'), 'Ours': write_model('ours', True)}
