"""Put people before another background, as HAT and SCUBA do.

Images are RGB uint8 (H, W, 3), masks bool (H, W), True on the person.
"""

from collections.abc import Sequence

import numpy as np

INDEX_RULES = ('hat', 'devias')
"""Which background frame goes with a foreground frame."""

_PERSON = 128


def to_mask(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Turn a mask image into bool: more than 128 is the person.

    Args:
        image: (H, W, 3) or (H, W), 0..255.
        size: Height and width of the frame; a mask of another size is
            resized to it (nearest).
    """
    import cv2

    image = image[..., 0] if image.ndim == 3 else image
    if image.shape != size:
        image = cv2.resize(image, size[::-1], interpolation=cv2.INTER_NEAREST)
    return image > _PERSON


def replace_background(
    frame: np.ndarray, mask: np.ndarray, background: np.ndarray
) -> np.ndarray:
    """Keep the person, with hard edges; all have one size.

    Source: StillMix, benchmark synthesis: ``frame m + background (1 - m)``.
    """
    return np.where(mask[..., None], frame, background)


def background_indices(
    indices: Sequence[int], frames: int, background_frames: int, rule: str
) -> np.ndarray:
    r"""Choose a background frame for each foreground frame, all from 0.

    The background runs from its start to its end while the foreground does.
    With n and m frames, frame i goes with

    - ``'hat'`` (code of HAT): :math:`\mathrm{round}(i / n \cdot m)`, at most
      m - 1; halves to the even number;
    - ``'devias'`` (code of DEVIAS): :math:`\lfloor i (m - 1) / n \rfloor`,
      their ``linspace(1, m, n, endpoint=False)`` counted from 0.

    Args:
        indices: Foreground frames.
        frames: n.
        background_frames: m.
        rule: One of :data:`INDEX_RULES`.
    """
    i = np.asarray(indices, np.int64)
    if rule == 'devias':
        step = (background_frames - 1) / frames
        return (1 + i * step).astype(np.int64) - 1
    chosen = np.round(i / frames * background_frames).astype(np.int64)
    return np.clip(chosen, 0, background_frames - 1)


def fit_short_side(
    image: np.ndarray, short: int, nearest: bool = False
) -> np.ndarray:
    """Resize so that the shorter side has ``short`` pixels, ratio kept."""
    import cv2

    height, width = image.shape[:2]
    scale = short / min(height, width)
    size = (int(width * scale + 0.5), int(height * scale + 0.5))
    if size == (width, height):
        return image
    how = cv2.INTER_NEAREST if nearest else cv2.INTER_LINEAR
    return cv2.resize(image, size, interpolation=how)


def centroid(mask: np.ndarray) -> tuple[float, float]:
    """Return x and y of the person's centre, of the image's if none."""
    y, x = np.nonzero(mask)
    if not len(x):
        height, width = mask.shape
        return width / 2, height / 2
    return float(x.mean()), float(y.mean())


def alignment(
    mask: np.ndarray, background_mask: np.ndarray
) -> tuple[int, int]:
    """Return the shift (dx, dy) that brings a person to where one was.

    Source: HAT: difference of the centroids, cut to whole pixels towards 0.

    Args:
        mask: Person in the foreground frame.
        background_mask: Person in the original of the background frame, at
            the size that it is pasted at.
    """
    to, of = centroid(background_mask), centroid(mask)
    return int(to[0] - of[0]), int(to[1] - of[1])


def paste(
    background: np.ndarray,
    frame: np.ndarray,
    mask: np.ndarray,
    shift: tuple[int, int],
) -> np.ndarray:
    """Copy the person into a background; what falls outside is cut.

    Args:
        background: Any size; the result has it.
        frame: Frame with the person.
        mask: Of the size of ``frame``.
        shift: dx and dy of the frame's top left corner.
    """
    out = background.copy()
    dx, dy = shift
    height = min(background.shape[0], frame.shape[0] + dy)
    width = min(background.shape[1], frame.shape[1] + dx)
    top, left = max(0, dy), max(0, dx)
    if top >= height or left >= width:
        return out
    part = np.s_[top - dy : height - dy, left - dx : width - dx]
    target = out[top:height, left:width]
    target[mask[part]] = frame[part][mask[part]]
    return out
