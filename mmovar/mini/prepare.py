"""Write the mini benchmark under a data folder, once."""

import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tqdm import tqdm

from mmovar.atomic_write import replacing, write_text
from mmovar.datasets.io.video_file import write_video
from mmovar.one_process import one_process

from .captions import words
from .clips import Clip, class_names, mini_sets
from .frames import render_clips
from .pretrain import PretrainRecipe
from .tiny_clip import provide_clip

VERSION = 3
"""Raised when the same recipe gives other videos."""

_RENDER_BATCH = 24


@dataclass(frozen=True)
class MiniRecipe:
    """What the files of the benchmark depend on.

    Attributes:
        rho: Probability that a training clip shows the scene of its class.
        train_per_class: Training clips of each known class.
        test_per_class: Test clips of each known class in each set, a
            multiple of 5; novel classes have twice as many.
        pretrain: Settings of the tiny CLIP.
    """

    rho: float = 0.95
    train_per_class: int = 13
    test_per_class: int = 10
    pretrain: PretrainRecipe = field(default_factory=PretrainRecipe)


def prepare_mini(
    root: str | os.PathLike,
    seeds: Sequence[int] = (0,),
    recipe: MiniRecipe | None = None,
) -> Path:
    """Render the videos of seeds, write the lists and get the tiny CLIPs.

    A seed has videos and a CLIP of its own. What is there and was made with
    the same recipe is kept, so a second call is quick and an interrupted one
    goes on: with the next set of videos, or with the next CLIP. Each set and
    each file appears when it is complete. Below the returned folder::

        videos/seed{seed}/{set}/{class}_{number}.mp4
        annotations/seed{seed}/{set}.txt      'path label' for each video
        known.txt  novel.txt                  class names by label
        clip/words.txt  clip/seed{seed}.pt    vocabulary and CLIP weights

    The CLIP of seed 0 and the default recipe ships with the package. The same
    recipe and seeds give the same files on the same machine.

    Args:
        root: Data folder; the benchmark goes to its folder ``mini``.
        seeds: Each has its videos and its CLIP.
        recipe: Settings; the default ones if None.

    Returns:
        The folder ``mini``.

    Raises:
        ValueError: If the recipe is not valid.
    """
    recipe = recipe or MiniRecipe()
    folder = Path(root) / 'mini'
    with one_process(folder, 'preparation', wait=True):
        for name, vocabulary in (
            ('known.txt', class_names(novel=False)),
            ('novel.txt', class_names(novel=True)),
            ('clip/words.txt', words()),
        ):
            lines = ''.join(f'{word}\n' for word in vocabulary)
            write_text(folder / name, lines)
        for seed in seeds:
            _render_sets(folder, seed, recipe)
            provide_clip(folder / 'clip', seed, recipe.pretrain)
    return folder


def _render_sets(folder: Path, seed: int, recipe: MiniRecipe) -> None:
    train, test = recipe.train_per_class, recipe.test_per_class
    for name, clips in mini_sets(seed, recipe.rho, train, test).items():
        stamp: dict[str, Any] = dict(version=VERSION, per_class=test)
        if name == 'known_train':
            stamp.update(rho=recipe.rho, per_class=train)
        _render_set(folder, f'seed{seed}/{name}', clips, stamp)


def _render_set(
    folder: Path,
    name: str,
    clips: Sequence[Clip],
    stamp: dict[str, Any],
) -> None:
    """Render a set into a folder of its own, list it, then show both."""
    videos = folder / 'videos' / name
    done = videos / '.done'
    if done.is_file() and json.loads(done.read_text()) == stamp:
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
    def write(batch: Sequence[Clip]) -> None:
        rendered = render_clips([clip.spec for clip in batch])
        for clip, frames in zip(batch, rendered, strict=True):
            write_video(folder / f'{clip.name}.mp4', frames)

    batches = [
        clips[start : start + _RENDER_BATCH]
        for start in range(0, len(clips), _RENDER_BATCH)
    ]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(
            tqdm(
                pool.map(write, batches),
                f'render {name}',
                total=len(batches),
                disable=None,
            )
        )
