"""Files of the mini benchmark, with a few clips in each set."""

import os
import signal

import pytest

from helpers.processes import run_fork
from mmovar.datasets import OpenVocabularyDataset
from mmovar.mini import clips as clips_module
from mmovar.mini import prepare, pretrain, tiny_clip
from mmovar.mini.prepare import MiniRecipe, prepare_mini
from mmovar.mini.pretrain import PretrainRecipe

TINY = PretrainRecipe(num_stills=8, epochs=1, batch_size=8)


@pytest.fixture(autouse=True)
def few_clips(monkeypatch):
    """Keep the first three clips of each set."""

    def sets(*args):
        full = clips_module.mini_sets(*args)
        return {name: clips[:3] for name, clips in full.items()}

    monkeypatch.setattr(prepare, 'mini_sets', sets)


@pytest.fixture(autouse=True)
def short_probe(monkeypatch):
    monkeypatch.setattr(tiny_clip, 'probe', lambda weights, seed: {})


@pytest.fixture
def watch(monkeypatch):
    """Have a function see the items and the title of each progress bar."""

    def replace(bar):
        for module in (prepare, pretrain):
            monkeypatch.setattr(
                module, 'tqdm', lambda items, title, **_: bar(items, title)
            )

    return replace


@pytest.fixture
def run(watch):
    def run(root, seeds=(0,), **recipe):
        """Prepare and return the titles of what was worked on."""
        titles = []
        watch(lambda items, title: titles.append(title) or items)
        prepare_mini(root, seeds, MiniRecipe(pretrain=TINY, **recipe))
        return titles

    return run


def content(root):
    files = [path for path in root.rglob('*') if path.is_file()]
    return {file.relative_to(root): file.read_bytes() for file in files}


def test_same_seeds_give_the_same_files(run, tmp_path):
    run(tmp_path / 'a')
    run(tmp_path / 'b')
    first = content(tmp_path / 'a')
    assert first == content(tmp_path / 'b')
    assert len([name for name in first if name.suffix == '.mp4']) == 15
    run(tmp_path / 'c', seeds=(1,))
    other = content(tmp_path / 'c')
    assert {str(path).replace('seed0', 'seed1') for path in first} == {
        str(path) for path in other
    }
    assert not {f for n, f in first.items() if n.suffix in ('.mp4', '.pt')} & {
        *other.values()
    }


def test_files_are_a_data_set(run, tmp_path):
    run(tmp_path)
    decode = [
        dict(type='mmaction.VideoInit'),
        dict(type='mmaction.SampleFrames', clip_len=8, frame_interval=2),
        dict(type='mmaction.VideoDecode'),
        dict(type='mmaction.FormatShape', input_format='NCTHW'),
        dict(type='mmaction.PackActionInputs'),
    ]
    dataset = OpenVocabularyDataset(
        ann_file='mini/annotations/seed0/novel_ooc.txt',
        data_root=str(tmp_path),
        data_prefix=dict(video='mini/videos'),
        classnames='mini/novel.txt',
        pipeline=decode,
        test_mode=True,
    )
    assert len(dataset) == 3
    assert len(dataset.metainfo['classes']) == 24
    sample = dataset[2]
    assert sample['inputs'].shape == (1, 3, 8, 32, 32)
    assert sample['data_samples'].unreadable is None


def test_second_call_reuses_everything(run, tmp_path):
    assert len(run(tmp_path)) == 6
    assert run(tmp_path) == []
    more = run(tmp_path, seeds=(0, 1))
    assert len(more) == 6 and more[-1] == 'pre-train CLIP 1'


def test_interrupted_rendering_goes_on_with_the_next_set(run, watch, tmp_path):
    class Interrupt(Exception):
        pass

    def break_off(items, title):
        for item in items:
            yield item
            if title == 'render seed3/known_ooc':
                raise Interrupt

    watch(break_off)
    with pytest.raises(Interrupt):
        prepare_mini(tmp_path, (3,), MiniRecipe())
    videos = tmp_path / 'mini' / 'videos' / 'seed3'
    assert sorted(path.name for path in videos.iterdir()) == [
        'known_ic',
        'known_train',
    ]
    assert run(tmp_path, seeds=(3,)) == [
        'render seed3/known_ooc',
        'render seed3/novel_ic',
        'render seed3/novel_ooc',
        'pre-train CLIP 3',
    ]


def test_other_recipe_renders_what_depends_on_it(run, tmp_path):
    run(tmp_path)
    assert run(tmp_path, rho=0.5) == ['render seed0/known_train']


def test_a_kill_while_rendering_does_not_block_the_next_call(
    run, watch, tmp_path, monkeypatch
):
    def killed(items, title):
        for item in items:
            yield item
            signal.raise_signal(signal.SIGKILL)

    monkeypatch.setattr(os, 'getpid', lambda: 1)  # of every container
    watch(killed)
    videos = tmp_path / 'mini' / 'videos' / 'seed0'
    for _ in range(2):
        code = run_fork(prepare_mini, tmp_path, (0,), MiniRecipe())
        assert code == -signal.SIGKILL
        assert len(os.listdir(videos)) == 1
    run(tmp_path)
    assert len(os.listdir(videos)) == 5
    assert not [n for n in os.listdir(videos) if n.startswith('.')]
