"""Write a video with its labels drawn into every frame."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

_BAR = (170, 119, 68)  # BGR


def write_annotated_video(
    source: str | Path,
    target: str | Path,
    labels: Sequence[str],
    probabilities: Sequence[float],
) -> None:
    """Copy a video and draw bars of the probabilities at its top left.

    Args:
        source: Any video that OpenCV reads.
        target: An ``.mp4`` file to write; folders above it are made. Sound
            is not copied.
        labels: Best first. Letters outside ASCII are drawn as ``?``.
        probabilities: One for each label, in 0..1.

    Raises:
        ValueError: If ``source`` cannot be read or ``target`` not written,
            or both are the same file.
    """
    import cv2

    target = Path(target)
    if target.resolve() == Path(source).resolve():
        raise ValueError(f'{str(target)!r} would be written over itself')
    target.parent.mkdir(parents=True, exist_ok=True)
    reader = cv2.VideoCapture(str(source))
    good, frame = reader.read()
    if not good:
        raise ValueError(f'OpenCV cannot read {str(source)!r}')
    size = frame.shape[1], frame.shape[0]
    rate = reader.get(cv2.CAP_PROP_FPS)
    writer = cv2.VideoWriter(
        str(target),
        cv2.VideoWriter.fourcc(*'mp4v'),
        rate if 1 <= rate <= 240 else 25,  # broken headers say 0 or 90000
        size,
    )
    if not writer.isOpened():
        raise ValueError(f'OpenCV cannot write {str(target)!r}')
    while good:
        _draw(frame, labels, probabilities)
        writer.write(frame)
        good, frame = reader.read()
    writer.release()
    reader.release()


def _draw(
    frame: np.ndarray, labels: Sequence[str], probabilities: Sequence[float]
) -> None:
    """Draw one line per label into a BGR frame (H, W, 3), in place."""
    import cv2

    height, width = frame.shape[:2]
    line = max(12, height // 16)
    scale = line / 32
    top = frame[: min(height, line * len(labels))]
    top[:] = top // 3  # so that the text can be read on any video
    for row, (label, value) in enumerate(
        zip(labels, probabilities, strict=True)
    ):
        y = row * line
        end = max(1, int(value * width))
        frame[y + 1 : y + line - 1, :end] = _BAR
        cv2.putText(
            frame,
            f'{100 * value:5.1f}% {label}',
            (4, y + line - max(3, line // 4)),
            cv2.FONT_HERSHEY_SIMPLEX,
            scale,
            (255, 255, 255),
            1,
            cv2.LINE_AA,
        )
