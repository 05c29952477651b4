"""Write the mini benchmark under a data folder, once."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tqdm import tqdm

from mmovar.atomic_write import replacing, write_text
from mmovar.datasets.io.video_file import write_video
from mmovar.one_process import one_process

from .captions import words
from .clips import Clip, class_names, mini_sets
from .frames import render_clips
from .pretrain import PretrainRecipe, pretrain
from .probe import probe

VERSION = 1
"""Raised when the same recipe gives other files."""

_RENDER_BATCH = 24


@dataclass(frozen=True)
class MiniRecipe:
    """What the files of the benchmark depend on.

    Attributes:
        rho: Probability that a training clip shows the scene of its class.
        train_per_class: Training clips of each known class.
        test_per_class: Test clips of each class in each set, a multiple
            of 5.
        video_seed: Seed of the videos.
        pretrain: Settings of the tiny CLIP.
    """

    rho: float = 0.95
    train_per_class: int = 40
    test_per_class: int = 20
    video_seed: int = 0
    pretrain: PretrainRecipe = field(default_factory=PretrainRecipe)


def prepare_mini(
    root: str | os.PathLike,
    seeds: Sequence[int] = (0,),
    recipe: MiniRecipe | None = None,
) -> Path:
    """Render the videos, write the lists and pre-train the tiny CLIP.

    What is there and was made with the same recipe is kept, so a second call
    is quick and an interrupted one goes on: with the next set of videos, or
    with the next CLIP. Each set and each file appears when it is complete.
    Below the returned folder::

        videos/{set}/{class}_{number}.mp4
        annotations/{set}.txt                 'path label' for each video
        known.txt  novel.txt                  class names by label
        clip/words.txt  clip/seed{seed}.pt    vocabulary and CLIP weights

    The same recipe and seeds give the same files on the same machine.

    Args:
        root: Data folder; the benchmark goes to its folder ``mini``.
        seeds: Pre-training seeds, one CLIP each.
        recipe: Settings; the default ones if None.

    Returns:
        The folder ``mini``.

    Raises:
        ValueError: If the recipe is not valid.
    """
    recipe = recipe or MiniRecipe()
    folder = Path(root) / 'mini'
    sets = mini_sets(
        recipe.video_seed,
        recipe.rho,
        recipe.train_per_class,
        recipe.test_per_class,
    )
    with one_process(folder, 'preparation', wait=True):
        _prepare(folder, sets, seeds, recipe)
    return folder


def _prepare(
    folder: Path,
    sets: Mapping[str, Sequence[Clip]],
    seeds: Sequence[int],
    recipe: MiniRecipe,
) -> None:
    for name, vocabulary in (
        ('known.txt', class_names(novel=False)),
        ('novel.txt', class_names(novel=True)),
        ('clip/words.txt', words()),
    ):
        write_text(folder / name, ''.join(f'{word}\n' for word in vocabulary))
    for name, clips in sets.items():
        _render_set(folder, name, clips, _video_stamp(recipe, name))
    for seed in seeds:
        _pretrain(folder, seed, recipe.pretrain)


def _video_stamp(recipe: MiniRecipe, name: str) -> dict[str, Any]:
    """Return what the videos of a set depend on."""
    stamp: dict[str, Any] = dict(version=VERSION, video_seed=recipe.video_seed)
    if name == 'known_train':
        stamp.update(rho=recipe.rho, per_class=recipe.train_per_class)
    else:
        stamp.update(per_class=recipe.test_per_class)
    return stamp


def _render_set(
    folder: Path,
    name: str,
    clips: Sequence[Clip],
    stamp: dict[str, Any],
) -> None:
    """Render a set into a folder of its own, list it, then show both."""
    videos = folder / 'videos' / name
    if _read_stamp(videos / '.done') == stamp:
        return
    with replacing(videos) as partial:
        partial.mkdir()
        _write_videos(partial, name, clips)
        write_text(
            folder / 'annotations' / f'{name}.txt',
            ''.join(f'{name}/{c.name}.mp4 {c.label}\n' for c in clips),
        )
        write_text(partial / '.done', json.dumps(stamp))


def _write_videos(folder: Path, name: str, clips: Sequence[Clip]) -> None:
    batches = [
        clips[start : start + _RENDER_BATCH]
        for start in range(0, len(clips), _RENDER_BATCH)
    ]
    for batch in tqdm(batches, f'render {name}', disable=None):
        rendered = render_clips([clip.spec for clip in batch])
        for clip, frames in zip(batch, rendered, strict=True):
            write_video(folder / f'{clip.name}.mp4', frames)


def _pretrain(folder: Path, seed: int, recipe: PretrainRecipe) -> None:
    """Pre-train a CLIP; what it recognises is noted beside its weights."""
    import torch

    weights_file = folder / 'clip' / f'seed{seed}.pt'
    stamp_file = weights_file.with_suffix('.json')
    stamp = json.loads(json.dumps(dict(version=VERSION, **asdict(recipe))))
    noted = _read_stamp(stamp_file)
    if weights_file.is_file() and noted and noted['recipe'] == stamp:
        return
    weights = pretrain(seed, recipe)
    with replacing(weights_file) as part:
        torch.save(dict(state_dict=weights, quick_gelu=True), part)
        stamp_file.unlink(missing_ok=True)
    note = dict(recipe=stamp, zero_shot_on_stills=probe(weights, seed))
    write_text(stamp_file, json.dumps(note, indent=2) + '\n')


def _read_stamp(path: Path) -> dict[str, Any] | None:
    """Return what a stamp file says, None if there is none."""
    if not path.is_file():
        return None
    return json.loads(path.read_text(encoding='utf-8'))
