"""Numbers that the papers print, to stand beside one's own."""

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

_FILE = Path(__file__).parent / 'data' / 'paper_numbers.json'


class PaperNumber(NamedTuple):
    """One number of a table of a paper; percent unless the metric says."""

    paper: str
    """``'open-mede'``, ``'open-vclip'``, ``'tc-clip'`` or ``'vifi-clip'``."""
    table: str
    protocol: str
    method: str
    dataset: str
    metric: str
    value: float
    std: float | None = None
    backbone: str | None = None
    train: str | None = None
    shots: int | str | None = None
    llm: bool | None = None
    frames: int | None = None
    views: str | None = None
    note: str | None = None


class Footnote(NamedTuple):
    """A remark on some of the numbers."""

    paper: str
    table: str
    method: str | None
    """None: of all methods of the table."""
    datasets: tuple[tuple[str, str], ...]
    """Dataset and metric; empty: all of the row."""
    text: str

    def fits(self, number: PaperNumber) -> bool:
        """Tell whether the footnote applies to a number."""
        return (
            (self.paper, self.table) == (number.paper, number.table)
            and self.method in (None, number.method)
            and (
                not self.datasets
                or (number.dataset, number.metric) in self.datasets
            )
        )


@cache
def _content() -> dict:
    return json.loads(_FILE.read_text(encoding='utf-8'))


@cache
def paper_numbers() -> tuple[PaperNumber, ...]:
    """Return all numbers, in the order of papers and tables."""
    return tuple(PaperNumber(*row) for row in _content()['rows'])


def paper_titles() -> dict[str, str]:
    """Return the titles of the papers by their keys."""
    return dict(_content()['papers'])


@cache
def footnotes() -> tuple[Footnote, ...]:
    """Return all footnotes: inconsistencies, swapped names, lost parts."""
    return tuple(
        Footnote(
            note['paper'],
            note['table'],
            note['method'],
            tuple(map(tuple, note['datasets'])),
            note['text'],
        )
        for note in _content()['footnotes']
    )


def find_numbers(**key: object) -> list[PaperNumber]:
    """Return the numbers whose fields are as given.

    Args:
        key: Fields of :class:`PaperNumber`. ``llm=False`` fits numbers that
            do not mention it.

    Raises:
        KeyError: If a field does not exist.
    """
    unknown = set(key) - set(PaperNumber._fields)
    if unknown:
        raise KeyError(
            f'{sorted(unknown)} are none of {list(PaperNumber._fields)}'
        )
    if key.get('llm') is False:
        key['llm'] = None
    return [
        number
        for number in paper_numbers()
        if all(getattr(number, k) == v for k, v in key.items())
    ]


def paper_value(
    method: str,
    protocol: str,
    dataset: str,
    metric: str,
    llm: bool = False,
    backbone: str | None = None,
    paper: str | None = None,
) -> PaperNumber:
    """Look a number up; the first table that prints it counts.

    Args:
        method: As the paper calls it.
        protocol: Protocol key of the papers, ``'zero_shot_ep3'``.
        dataset: ``'UCF101'``.
        metric: ``'top1'``.
        llm: Whether class names were rephrased by a language model.
        backbone: ``'ViT-B/16'``; None for any.
        paper: Key of a paper; None for any.

    Raises:
        KeyError: If no paper prints it.
    """
    key = dict(
        method=method,
        protocol=protocol,
        dataset=dataset,
        metric=metric,
        llm=llm or None,
    )
    optional = dict(backbone=backbone, paper=paper)
    key.update({k: v for k, v in optional.items() if v is not None})
    found = find_numbers(**key)
    if not found:
        raise KeyError(f'no paper prints {key}')
    return found[0]


def notes_on(numbers: Iterable[PaperNumber]) -> list[str]:
    """Return the footnotes of some numbers, each once."""
    numbers = list(numbers)
    return [note.text for note in footnotes() if any(map(note.fits, numbers))]
