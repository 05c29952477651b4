"""Files of the tiny CLIP: one ships with the package, others are made."""

import json
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mmovar.atomic_write import replacing, write_text

from .pretrain import PretrainRecipe, pretrain
from .probe import probe

SHIPPED = Path(__file__).parent / 'data'
"""Where the file of seed 0 lies; tools/data/pretrain_mini.py made it."""

VERSION = 2
"""Raised when the same recipe gives other weights."""


def provide_clip(
    folder: Path, seed: int, recipe: PretrainRecipe | None = None
) -> None:
    """Put ``seed{seed}.pt`` into a folder: kept, shipped or pre-trained.

    What it recognises in stills is noted beside it, in ``seed{seed}.json``.

    Args:
        folder: Where it goes.
        seed: Of the pre-training.
        recipe: Of the pre-training, the default one if None. A file of
            another one is replaced.
    """
    recipe = recipe or PretrainRecipe()
    if _is_of(folder, seed, recipe):
        return
    if _is_of(SHIPPED, seed, recipe):
        for kind in ('pt', 'json'):
            with replacing(folder / f'seed{seed}.{kind}') as part:
                shutil.copyfile(SHIPPED / f'seed{seed}.{kind}', part)
        return
    make_clip(folder, seed, recipe)


def make_clip(folder: Path, seed: int, recipe: PretrainRecipe) -> None:
    """Pre-train a CLIP and write both its files, see :func:`provide_clip`."""
    import torch

    weights = pretrain(seed, recipe)
    note = folder / f'seed{seed}.json'
    with replacing(folder / f'seed{seed}.pt') as part:
        torch.save(dict(state_dict=weights, quick_gelu=True), part)
        note.unlink(missing_ok=True)
    scores = probe(weights, seed)
    content = dict(recipe=_stamp(recipe), zero_shot_on_stills=scores)
    write_text(note, json.dumps(content, indent=2) + '\n')


def _stamp(recipe: PretrainRecipe) -> dict[str, Any]:
    return dict(version=VERSION, **asdict(recipe))


def _is_of(folder: Path, seed: int, recipe: PretrainRecipe) -> bool:
    """Tell whether a folder has a file of a seed and a recipe."""
    note = folder / f'seed{seed}.json'
    if not (note.is_file() and note.with_suffix('.pt').is_file()):
        return False
    noted = json.loads(note.read_text(encoding='utf-8'))
    return noted['recipe'] == _stamp(recipe)
