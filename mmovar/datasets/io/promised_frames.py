"""How many frames the header of a video file promises."""

from contextlib import suppress
from math import isfinite
from typing import Any

_MIN_SECONDS = 0.5
"""A shorter gap at the end may be the duration of the last picture."""


def missing_frames(
    container: Any, stream: Any, packets: int, hidden: int, last: float | None
) -> int:
    """Count frames that the header promises beyond those in the file.

    MP4 and AVI state the number of frames. Matroska, FLV and ASF state a
    duration, of the stream, or of the file where it is the only stream.

    Args:
        container: PyAV's container, read to its end.
        stream: Its video stream.
        packets: Packets found, with a picture to show.
        hidden: Packets found that an edit list hides.
        last: Time of the last picture in seconds, None if it is not known.

    Returns:
        Number of frames, 0 if the file has all, or promises none.
    """
    if stream.frames:
        empty = sum(not entry.size for entry in stream.index_entries)
        return max(0, stream.frames - hidden - empty - packets)
    rate, end = stream.average_rate, _end(container, stream)
    if last is None or end is None or not rate:
        return 0
    gap = end - last - 1 / float(rate)
    frames = round(gap * float(rate))
    return frames if gap > _MIN_SECONDS and frames > 1 else 0


def _end(container: Any, stream: Any) -> float | None:
    """Return where the stream ends by the header, in seconds."""
    stated = stream.metadata.get('DURATION', '').split(':')
    with suppress(ValueError):  # it may be damaged as well
        hours, minutes, seconds = map(float, stated)
        end = 3600 * hours + 60 * minutes + seconds
        return end if isfinite(end) else None
    if len(container.streams) > 1 or container.duration is None:
        return None
    return container.duration / 1e6
