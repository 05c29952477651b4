"""What came of a fault."""

from dataclasses import dataclass

VERDICTS = {
    'equal': True,  # the run gives the files of one that was not killed
    'right': True,  # the fault does no harm
    'no sign': True,  # no decoder can tell: a valid video, of other pictures
    'named': True,  # refused, or counted, with the file, key or value
    'unclear': False,  # refused without saying what is wrong
    'differs': False,
    'silently wrong': False,
    'hang': False,
    'crash': False,
    'code ran': False,
}
"""How a fault may end, and whether that is good."""


@dataclass(frozen=True)
class Outcome:
    """A fault that was tried.

    Attributes:
        family: Which part of the campaign.
        kind: Row of the table.
        verdict: Of :data:`VERDICTS`.
        detail: What was done, and what was found.
    """

    family: str
    kind: str
    verdict: str
    detail: str

    @property
    def good(self) -> bool:
        """Whether it is as it should be."""
        return VERDICTS[self.verdict]

    def __str__(self) -> str:
        return f'{self.verdict}: {self.family}, {self.kind}: {self.detail}'
