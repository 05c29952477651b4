"""Sentences about the numbers of a table, worded by what they are."""

from collections.abc import Callable
from dataclasses import dataclass

from .reduction import Column

Percent = Callable[[str, Column], float | None]
"""Method and column to a number, None if it is missing."""


@dataclass(frozen=True)
class Change:
    """What becomes of a number.

    Args:
        where: Ends the sentence: ``'on novel classes in context'``.
        before: Method and column.
        after: Method and column.
    """

    where: str
    before: tuple[str, Column]
    after: tuple[str, Column]


@dataclass(frozen=True)
class Finding:
    """A sentence: what gains or loses how many points where.

    Args:
        subject: Begins the sentence: ``'Open-MeDe instead of VCLIP'``.
        changes: What it tells, in this order.
        remark: Ends the sentence.
    """

    subject: str
    changes: tuple[Change, ...]
    remark: str = ''

    def sentence(self, percent: Percent) -> str | None:
        """Word the sentence, or return None if a number is missing."""
        parts = []
        for change in self.changes:
            old, new = percent(*change.before), percent(*change.after)
            if old is None or new is None:
                return None
            verb = 'gains' if new >= old else 'loses'
            parts.append(
                f'{verb} {abs(new - old):.1f} points {change.where} '
                f'({old:.1f} to {new:.1f})'
            )
        return f'{self.subject} {" and ".join(parts)}{self.remark}.'
