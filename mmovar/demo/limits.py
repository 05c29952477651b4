"""What the demo page takes, and for how long it thinks."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mmovar.apis.inference import UnreadableVideoError
from mmovar.datasets.io.open_video import open_video
from mmovar.datasets.io.unreadable import is_unreadable


@dataclass(frozen=True)
class Limits:
    """The largest video and question to take; 1 MB are 1024 * 1024 bytes.

    Attributes:
        megabytes: Size of a file.
        total_megabytes: Size of all files that the page keeps.
        seconds: Duration. A frame rate above 240 does not count, so this
            bounds the number of frames too.
        pixels: Of a picture, width times height; by default those of 4K.
        labels: Most labels of a question.
        templates: Most templates of a question.
        letters: Of the longest label or template.
        answer_seconds: Longest time to answer; others wait for as long.
        waiting: Most questions that wait for their turn.

    Raises:
        ValueError: If one is not above 0.
    """

    megabytes: float = 100.0
    total_megabytes: float = 2048.0
    seconds: float = 60.0
    pixels: int = 3840 * 2160
    labels: int = 1000
    templates: int = 100
    letters: int = 300
    answer_seconds: float = 300.0
    waiting: int = 20

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not value > 0:
                raise ValueError(f'{name} must be above 0, got {value}')

    @property
    def size(self) -> int:
        """Most bytes of a file."""
        return int(self.megabytes * 2**20)

    @property
    def total_size(self) -> int:
        """Most bytes of all files."""
        return int(self.total_megabytes * 2**20)

    def check_video(self, video: str | Path) -> None:
        """Refuse a file that is too large or too long, or is no video.

        A file that is too large is not opened, and one of too many pixels
        not decoded.

        Args:
            video: A file that exists.

        Raises:
            UnreadableVideoError: If it is no video.
            ValueError: If it is too large or too long.
        """
        name, size = Path(video).name, Path(video).stat().st_size
        if size > self.size:
            raise ValueError(
                f'{name} has {size / 2**20:.1f} MB; this page takes up to '
                f'{self.megabytes:g} MB'
            )
        seconds = duration(video, self.pixels)
        if seconds > self.seconds:
            raise ValueError(
                f'{name} is {seconds:.1f} s long; this page takes up to '
                f'{self.seconds:g} s. Cut it, or start the page with a '
                'higher --max-seconds'
            )

    def check_question(
        self, labels: Sequence[str], templates: Sequence[str]
    ) -> None:
        """Refuse too many lines, or too long ones.

        Raises:
            ValueError: In words for the person at the page.
        """
        for lines, name in ((labels, 'labels'), (templates, 'templates')):
            most = getattr(self, name)
            if len(lines) > most:
                raise ValueError(
                    f'{len(lines)} {name} are too many: this page takes up to '
                    f'{most}'
                )
            for line in lines:
                if len(line) > self.letters:
                    raise ValueError(
                        f'{line[:30]!r}... has {len(line)} letters; this page '
                        f'takes {name} of up to {self.letters}'
                    )


def duration(video: str | Path, max_pixels: int | None = None) -> float:
    """Measure a video in seconds: its frames over its frame rate.

    Args:
        video: A file that exists.
        max_pixels: Width times height; more is not decoded.

    Raises:
        UnreadableVideoError: If it is no video.
        ValueError: If its pictures are larger.
    """
    try:
        source = open_video(video, max_pixels=max_pixels)
    except Exception as error:
        if not is_unreadable(error):
            raise
        raise UnreadableVideoError(
            f'{Path(video).name} cannot be read as a video. Is it a whole '
            'file of a common kind (mp4, avi, mkv, webm)?'
        ) from error
    rate = source.fps or 0
    # broken headers say 0 or 90000
    return len(source) / (rate if 1 <= rate <= 240 else 25)
