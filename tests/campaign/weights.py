"""Damage files of weights, hide code in them, and read them."""

import io
import pickle
import random
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import torch
from safetensors.torch import save_file

from helpers.bomb import Bomb
from mmovar.apis import load_released
from mmovar.clip.weight_files import read_weight_file

from .damage import DAMAGES
from .outcome import Outcome
from .process import run

WEIGHTS = {
    'visual.a': torch.arange(300.0).view(30, 10),
    'b': torch.ones(200, dtype=torch.float16),
}
READERS: dict[str, Callable[[Path], object]] = {
    'read_weight_file': read_weight_file,
    'skip_foreign': partial(read_weight_file, skip_foreign=True),
    'load_released': load_released,
}
DAMAGED, HOSTILE = 120, 60
"""Files of a campaign; the hostile ones are read by each of READERS."""


def write_zip(path: Path, content: object) -> None:
    torch.save(content, path)


def write_legacy(path: Path, content: object) -> None:
    torch.save(content, path, _use_new_zipfile_serialization=False)


def write_pickle(path: Path, content: object) -> None:
    path.write_bytes(pickle.dumps(content))


def write_script(path: Path, content: object) -> None:
    """Write TorchScript, with a pickle of the content beside its own."""
    script = io.BytesIO()
    torch.jit.save(torch.jit.script(torch.nn.Linear(20, 30)), script)
    with zipfile.ZipFile(script) as old, zipfile.ZipFile(path, 'w') as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
        if content is not WEIGHTS:
            folder = old.namelist()[0].partition('/')[0]
            new.writestr(f'{folder}/extra/data.pkl', pickle.dumps(content))
            new.writestr(f'{folder}/DATA.PKL', pickle.dumps(content))


WRITERS = (write_zip, write_legacy, write_pickle, write_script)


def weight_files(
    folder: Path, rng: random.Random, share: float
) -> Iterator[Outcome]:
    """Read damaged and hostile files."""
    originals = [folder / 'a.safetensors']
    save_file(WEIGHTS, str(originals[0]))
    for write in WRITERS[:2]:
        originals.append(folder / f'{write.__name__}.pth')
        write(originals[-1], WEIGHTS)
    originals.append(folder / 'script.pt')
    write_script(originals[-1], WEIGHTS)
    for number in range(round(DAMAGED * share)):
        path, damage = rng.choice(originals), rng.choice(list(DAMAGES))
        place = folder / f'{number}'
        place.mkdir()
        broken = place / f'broken{path.suffix}'
        broken.write_bytes(damage(bytearray(path.read_bytes()), rng))
        yield _damaged(broken, read_weight_file(path), path.name)
    for number in range(round(HOSTILE * share)):
        place = folder / f'hostile{number}'
        place.mkdir()
        hostile, trace = place / 'hostile.pth', place / 'trace'
        write = rng.choice(WRITERS)
        write(hostile, _hidden(Bomb(trace), rng))
        for name, reader in READERS.items():
            yield _hostile(hostile, trace, name, reader, write.__name__)


def _hidden(bomb: Bomb, rng: random.Random) -> object:
    """Hide an object in what looks like a checkpoint."""
    content: object = bomb
    for _ in range(rng.randint(0, 3)):
        content = rng.choice(
            (
                lambda c: {'a': c},
                lambda c: [1, c],
                lambda c: (c, 'b'),
                lambda c: {c: 1} if isinstance(c, Bomb) else {'c': c},
            )
        )(content)
    key = rng.choice(('cfg', 'optimizer', 'state_dict', 'meta', 'model'))
    return rng.choice((content, {'state_dict': WEIGHTS, key: content}))


def _read(path: Path, reader: Callable[[Path], object], place: Path):
    """Read in another process; return how it ended."""

    def work() -> None:
        try:
            state = reader(path)
        except Exception as error:
            text = f'{type(error).__name__}: {error}'
            (place / 'error').write_text(text)
            return
        if isinstance(state, dict):
            torch.save(state, place / 'read.pth')

    return run(work, place, limit=60)


def _damaged(path: Path, expected: dict, what: str) -> Outcome:
    end = _read(path, read_weight_file, path.parent)
    error = path.parent / 'error'
    detail = error.read_text() if error.exists() else end.log[-300:]
    if end.code:
        verdict = 'hang' if end.code == -9 else 'crash'
    elif error.exists():
        verdict = 'named' if path.name in detail else 'unclear'
    else:
        found = torch.load(path.parent / 'read.pth')
        same = found.keys() == expected.keys() and all(
            torch.equal(found[key], expected[key]) for key in expected
        )
        # Only zip files have checksums; other numbers are numbers.
        unseen = what.endswith('.safetensors') or 'legacy' in what
        verdict = (
            'right' if same else 'no sign' if unseen else 'silently wrong'
        )
    return Outcome('weights', 'damaged', verdict, f'{what}: {detail}')


def _hostile(
    path: Path,
    trace: Path,
    name: str,
    reader: Callable[[Path], object],
    what: str,
) -> Outcome:
    place = path.parent / name
    place.mkdir()
    end, error = _read(path, reader, place), place / 'error'
    detail = error.read_text() if error.exists() else end.log[-300:]
    if trace.exists():
        trace.unlink()
        verdict = 'code ran'
    elif end.code:
        verdict = 'hang' if end.code == -9 else 'crash'
    elif error.exists():
        verdict = 'named' if path.name in detail else 'unclear'
    else:
        verdict = 'right'
    kind = f'hostile, {name}'
    return Outcome('weights', kind, verdict, f'{what}: {detail}')
