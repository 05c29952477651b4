"""Files of the tiny CLIP: shipped, or made by the command."""

import json

import pytest
import torch

from mmovar.clip import load_clip_state_dict
from mmovar.mini import tiny_clip
from mmovar.mini.pretrain import PretrainRecipe, mini_arch
from mmovar.mini.probe import probe
from mmovar.mini.tiny_clip import SHIPPED, make_clip, provide_clip

TINY = PretrainRecipe(num_stills=8, epochs=1, batch_size=8)


@pytest.fixture
def few_stills(monkeypatch):
    monkeypatch.setattr(
        tiny_clip, 'probe', lambda *args: probe(*args, count=20)
    )


def content(folder):
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_the_command_makes_the_same_file_again(
    load_tool, few_stills, tmp_path
):
    main = load_tool('data/pretrain_mini').main
    line = ['--num-stills', '128', '--epochs', '1', '--out']
    main([*line, str(tmp_path / 'a')])
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    main([*line, str(tmp_path / 'b')])
    torch.set_num_threads(threads)
    made = content(tmp_path / 'a')
    assert made == content(tmp_path / 'b')
    assert made.keys() == content(SHIPPED).keys()
    shipped, other = (
        torch.load(folder / 'seed0.pt') for folder in (SHIPPED, tmp_path / 'a')
    )
    assert shipped.keys() == other.keys()
    assert {
        k: (v.shape, v.dtype) for k, v in shipped['state_dict'].items()
    } == {k: (v.shape, v.dtype) for k, v in other['state_dict'].items()}


def test_the_shipped_file_is_small_and_of_the_recipe(tmp_path, monkeypatch):
    monkeypatch.delattr(tiny_clip, 'pretrain')  # nothing is trained
    provide_clip(tmp_path, 0)
    assert content(tmp_path) == content(SHIPPED)
    assert (SHIPPED / 'seed0.pt').stat().st_size < 4e6


def test_the_shipped_clip_recognises_what_its_note_says():
    noted = json.loads((SHIPPED / 'seed0.json').read_text())
    weights = load_clip_state_dict(SHIPPED / 'seed0.pt', mini_arch())
    scores = probe(weights, seed=7, count=300)
    assert scores == pytest.approx(noted['zero_shot_on_stills'], abs=0.1)
    assert scores['object'] > 0.85 and scores['scene'] > 0.85


def test_another_recipe_or_seed_is_made(few_stills, tmp_path, monkeypatch):
    made = []

    def make(folder, seed, recipe):
        made.append(seed)
        make_clip(folder, seed, recipe)

    monkeypatch.setattr(tiny_clip, 'make_clip', make)
    for _ in range(2):
        for seed in (0, 1):
            provide_clip(tmp_path, seed, TINY)
    assert made == [0, 1]
    (tmp_path / 'seed1.json').unlink()  # killed before it was noted
    provide_clip(tmp_path, 1, TINY)
    assert made == [0, 1, 1]
