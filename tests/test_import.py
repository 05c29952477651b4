"""``import mmovar`` registers, and does nothing else."""

import subprocess
import sys

import pytest

PROBE = """
import random, sys
import numpy, torch
import mmengine  # its dependency `rich` draws a number when imported
import mmengine.optim  # imports transformers where that is installed

def state():
    return (
        random.getstate(),
        numpy.random.get_state()[1].tobytes(),
        torch.get_rng_state().numpy().tobytes(),
    )

opened = []
def watch(event, args):
    if event == 'open' and isinstance(args[0], str):
        opened.append(args[0])
    elif event.startswith(('socket.', 'urllib.')):
        raise AssertionError(event)

before, loaded = state(), set(sys.modules)
sys.addaudithook(watch)
import mmovar
assert state() == before, 'random numbers were drawn'
assert not torch.cuda.is_initialized(), 'a GPU was touched'
for name in ('open_clip', 'decord', 'torchvision', 'transformers', 'timm'):
    assert name not in set(sys.modules) - loaded, name
ours = [p for p in opened if p.startswith(mmovar.__path__[0])]
assert ours
for path in ours:
    assert path.endswith('.py') or '.pyc' in path, path
"""


@pytest.fixture(scope='module')
def fresh():
    """What an interpreter of its own says of the import."""
    return subprocess.run(
        [sys.executable, '-W', 'default::UserWarning', '-c', PROBE],
        capture_output=True,
        text=True,
        check=False,
    )


def test_import_has_no_side_effect(fresh):
    assert fresh.returncode == 0, fresh.stderr
    assert fresh.stdout == ''


def test_import_says_nothing_on_a_healthy_machine(fresh):
    assert 'MultiScaleDeformableAttention' not in fresh.stderr


@pytest.mark.parametrize(
    ('registry', 'names'),
    [
        ('MODELS', ['CLIPRecognizer', 'CLIPViT', 'VCLIPViT', 'TextHead']),
        ('DATASETS', ['OpenVocabularyDataset']),
        ('TRANSFORMS', ['ClipColorJitter', 'ShuffleFrames']),
        ('METRICS', ['OpenVocabularyMetric']),
        ('LOOPS', ['CrossBatchTrainLoop', 'BenchmarkTestLoop']),
        (
            'OPTIM_WRAPPERS',
            ['CrossBatchMetaOptimWrapper', 'CrossBatchMetaAmpOptimWrapper'],
        ),
        (
            'HOOKS',
            [
                *('VocabularyHook', 'EpochSeedHook', 'UnreadableVideoHook'),
                *('SWAHook', 'GWAHook'),
            ],
        ),
    ],
)
def test_every_piece_is_found_in_mmactions_registry(registry, names):
    from mmaction import registry as registries

    import mmovar  # noqa: F401

    for name in names:
        found = getattr(registries, registry).get(name)
        assert found is not None, name
        assert found.__module__.startswith('mmovar.'), found
