"""How videos and text are presented to a model, by paper."""

from dataclasses import asdict, dataclass, replace
from typing import Any

AGGREGATIONS = ('logits', 'probabilities')
ENSEMBLES = ('none', 'weights', 'logits')
PRECISIONS = ('float32', 'float16', 'bfloat16')


@dataclass(frozen=True)
class Setup:
    """Views, text and ensemble of a test; printed beside every number.

    Raises:
        ValueError: If a count is below 1, or aggregation, ensemble or
            precision are unknown, or ensemble and share contradict each
            other.
    """

    name: str
    """Key of :data:`SETUPS`."""
    frames: int
    """Frames of a clip."""
    sampling: str
    """Which frames, in words."""
    clips: int
    """Clips of a video, spread over time."""
    crops: int
    """Crops of a clip, spread over space."""
    size: str
    """Resizing and cropping, in words."""
    aggregation: str
    """What is averaged over views: ``'logits'`` or ``'probabilities'``."""
    templates: str
    """Prompts of a class name, in words."""
    names: str
    """Spelling of the class names, in words."""
    ensemble: str = 'none'
    """What is mixed with CLIP's: ``'none'``, ``'weights'``, ``'logits'``."""
    clip_share: float = 0.0
    """Share of CLIP in the ensemble, in [0, 1]."""
    ddof: int = 0
    """Degrees of freedom taken off in standard deviations."""
    precision: str = 'float32'
    """What the authors' code tests in."""

    def __post_init__(self) -> None:
        for key in ('frames', 'clips', 'crops'):
            if getattr(self, key) < 1:
                raise ValueError(f'{key} must be >= 1: {getattr(self, key)}')
        for key, allowed in (
            ('aggregation', AGGREGATIONS),
            ('ensemble', ENSEMBLES),
            ('precision', PRECISIONS),
        ):
            if getattr(self, key) not in allowed:
                raise ValueError(
                    f'{key} {getattr(self, key)!r} is none of {allowed}'
                )
        if not 0 <= self.clip_share <= 1:
            raise ValueError(f'clip_share must be in 0..1: {self.clip_share}')
        if (self.clip_share > 0) != (self.ensemble != 'none'):
            raise ValueError(
                f'ensemble {self.ensemble!r} with clip_share {self.clip_share}'
            )

    @property
    def views(self) -> str:
        """Clips times crops, as papers write it: ``'3x1'``."""
        return f'{self.clips}x{self.crops}'

    @property
    def mixture(self) -> str:
        """The ensemble in words."""
        if self.ensemble == 'none':
            return 'none'
        return (
            f'{self.ensemble}, {1 - self.clip_share:g} tuned + '
            f'{self.clip_share:g} CLIP'
        )

    def alone(self) -> 'Setup':
        """Return the setup without the ensemble."""
        return replace(self, ensemble='none', clip_share=0.0)

    def __str__(self) -> str:
        text = (
            f'{self.frames} frames ({self.sampling}), {self.views} views '
            f'({self.size}), mean of {self.aggregation}; text: '
            f'{self.templates}, names {self.names}; ensemble: {self.mixture}'
        )
        half = self.precision != 'float32'
        return f'{text}; {self.precision}' if half else text

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain values."""
        return asdict(self)


_SEGMENTS = 'one of each of equal segments'
_DENSE = 'every 16th at 30 a second'
_28 = '28 templates, mean of unit features'
SPACED = 'with spaces'
"""Spelling of names: ``'Apply Eye Makeup'``."""

_THREE_CLIPS: dict[str, Any] = dict(
    frames=8,
    clips=3,
    crops=1,
    size='short side 224, centre 224',
    aggregation='logits',
    templates=_28,
    names=SPACED,
)

SETUPS: dict[str, Setup] = {
    setup.name: setup
    for setup in (
        Setup(
            name='vifi_clip',
            frames=32,
            sampling=_SEGMENTS,
            clips=1,
            crops=1,
            size='short side 256, centre 224',
            aggregation='probabilities',
            templates="'a photo of a {}.'",
            names='of the label files (UCF101: ApplyEyeMakeup)',
            precision='float16',
        ),
        Setup(
            name='tc_clip',
            frames=16,
            sampling=_SEGMENTS + ', drawn anew for each clip',
            clips=2,
            crops=1,
            size='short side 256, centre 224',
            aggregation='probabilities',
            templates="'a photo of a {}.', first 4 tokens learned",
            names=SPACED,
            ensemble='weights',
            clip_share=0.3,
            precision='float16',
        ),
        Setup(
            name='open_vclip',
            sampling=_DENSE,
            **_THREE_CLIPS,
            ensemble='weights',
            clip_share=0.5,
        ),
        Setup(
            name='open_mede',
            sampling=_DENSE,
            **_THREE_CLIPS,
            ensemble='logits',
            clip_share=0.5,
        ),
        Setup(
            name='clip',
            sampling=_DENSE,
            **_THREE_CLIPS,
        ),
        Setup(
            name='mini',
            frames=8,
            sampling='every second of 16',
            clips=1,
            crops=1,
            size='32 x 32',
            aggregation='logits',
            templates='4 templates, mean of unit features',
            names='object and motion',
            ddof=1,
        ),
    )
}
"""One for each method. Sources: the papers and their released code."""


def get_setup(setup: str | Setup, **changes: Any) -> Setup:
    """Return a setup by name, with changes.

    Args:
        setup: A key of :data:`SETUPS`, or a setup.
        changes: Fields to replace.

    Returns:
        The setup.

    Raises:
        KeyError: If the name is unknown.
    """
    if isinstance(setup, str):
        if setup not in SETUPS:
            raise KeyError(f'setup {setup!r} is none of {list(SETUPS)}')
        setup = SETUPS[setup]
    return replace(setup, **changes)
