"""Malformed command lines, lists, class names and templates."""

import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from faults.command_lines import command_lines, write_folder
from faults.malformed_inputs import (
    LIST_NAMES,
    LISTS,
    NAMES,
    TEMPLATES,
    mutated_lists,
    mutated_names,
)
from mmovar.datasets import read_annotation_list
from mmovar.vocabulary import read_classnames, resolve_templates

from .outcome import Outcome
from .process import End, run, tool


def command_line_inputs(
    folder: Path, rng: random.Random, share: float
) -> Iterator[Outcome]:
    """Start tools with malformed command lines."""
    write_folder(folder)
    lines = list(command_lines(folder))
    for (script, *words), message in rng.sample(
        lines, round(len(lines) * share)
    ):
        place = folder / 'runs' / f'{len(list(folder.glob("runs/*")))}'
        place.mkdir(parents=True)
        end = run(tool(f'{script}.py', *words), place, limit=120)
        verdict = _judge(end, message)
        last = (end.log.strip().splitlines() or [''])[-1]
        yield Outcome('inputs', script, verdict, f'{" ".join(words)}: {last}')


def text_inputs(
    folder: Path, rng: random.Random, share: float
) -> Iterator[Outcome]:
    """Read malformed lists, class names and templates."""
    count, seed = round(200 * share), rng.randrange(1 << 30)
    for _, content, expected in (*LISTS, *mutated_lists(count, seed)):
        path = folder / 'list.txt'
        path.write_bytes(content)
        yield _read('lists', read_list, path, expected)
    for name, content, expected in (*NAMES, *mutated_names(count, seed)):
        path = folder / name
        path.write_bytes(content)
        yield _read('class names', read_classnames, path, expected)
    for _, templates, expected in TEMPLATES:
        yield _read('templates', resolve_templates, templates, expected)


def read_list(path: Path) -> list:
    """Return paths and labels."""
    return [video[:2] for video in read_annotation_list(path, LIST_NAMES)]


def _read(
    kind: str, read: Callable[[Any], Any], given: Any, expected: Any
) -> Outcome:
    """Read, and compare with what is right or with the error."""
    try:
        found, error = read(given), ''
    except ValueError as caught:
        found, error = None, str(caught)
    except Exception as caught:
        return Outcome('inputs', kind, 'unclear', f'{given}: {caught!r}')
    wrong = 'unclear' if error else 'silently wrong'
    if isinstance(expected, str):
        pattern = re.sub(r'[{}()\[\]]', r'\\\g<0>', expected)
        pattern = pattern.replace(r'\{path\}', re.escape(str(given)))
        clear = re.search(f'(?s){pattern}', error)
        verdict = (
            'named' if clear else 'unclear' if error else 'silently wrong'
        )
    else:
        wrong = 'unclear' if error else 'silently wrong'
        verdict = 'right' if found == expected else wrong
    return Outcome('inputs', kind, verdict, f'{given}: {error or found}')


def _judge(end: End, message: str) -> str:
    if end.code == -9:
        return 'hang'
    if end.code < 0:
        return 'crash'
    if end.code == 0:
        return 'silently wrong'
    last = (end.log.strip().splitlines() or [''])[-1]
    clear = 'error: ' in last and re.search(message, last)
    return 'named' if clear and end.code == 2 else 'unclear'
