"""Which files the demo takes."""

from dataclasses import dataclass
from pathlib import Path

from mmovar.apis.inference import UnreadableVideoError
from mmovar.datasets.io.open_video import open_video
from mmovar.datasets.io.unreadable import is_unreadable


@dataclass(frozen=True)
class VideoLimits:
    """The largest video to take.

    Attributes:
        megabytes: Size of the file, in units of 1024 * 1024 bytes.
        seconds: Duration. A frame rate above 240 does not count, so this
            bounds the number of frames too.
        pixels: Of a picture, width times height; by default those of 4K.

    Raises:
        ValueError: If one is not above 0.
    """

    megabytes: float = 100.0
    seconds: float = 60.0
    pixels: int = 3840 * 2160

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not value > 0:
                raise ValueError(f'{name} must be above 0, got {value}')

    @property
    def size(self) -> int:
        """Most bytes of a file."""
        return int(self.megabytes * 2**20)

    def check(self, video: str | Path) -> None:
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
