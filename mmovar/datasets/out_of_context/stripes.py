"""Backgrounds of sinusoidal stripes: SCUBA without any download."""

import numpy as np

STRIPE_SIZE = 256
_CANVAS = 384


def draw_stripes(rng: np.random.Generator) -> np.ndarray:
    r"""Draw an image of parallel sine waves in two complementary colours.

    On a canvas of 384 x 384 of a random colour c, stripes of colour 1 - c
    follow :math:`y = A \sin(w x + t) + 128` and its copies at a fixed pitch.
    With u uniform in [0, 1), drawn anew each time: A = 10 + 100 u,
    w = 2 pi / (1000 u + 4), t = (200 u - 100) w, half-width h = 5 + 15 u,
    pitch (3 + 2 u) h. The canvas is turned by 360 u degrees and the centre
    of 256 x 256 cut out.

    Source: StillMix (ICCV 2023), benchmark synthesis. Whether the pitch
    counts half or whole widths we could not see; half is ours.

    Args:
        rng: Source of the numbers.

    Returns:
        RGB uint8, (256, 256, 3).
    """
    import cv2

    colour = rng.random(3)
    amplitude = 10 + 100 * rng.random()
    frequency = 2 * np.pi / (1000 * rng.random() + 4)
    offset = (200 * rng.random() - 100) * frequency
    half = 5 + 15 * rng.random()
    pitch = (3 + 2 * rng.random()) * half
    y, x = np.mgrid[:_CANVAS, :_CANVAS]
    wave = amplitude * np.sin(frequency * x + offset) + 128
    # distance to the nearest copy of the wave
    distance = np.abs((y - wave + pitch / 2) % pitch - pitch / 2)
    image = np.where((distance <= half)[..., None], 1 - colour, colour)
    image = (255 * image).astype(np.uint8)
    centre = ((_CANVAS - 1) / 2, (_CANVAS - 1) / 2)
    turn = cv2.getRotationMatrix2D(centre, 360 * rng.random(), 1)
    image = cv2.warpAffine(
        image, turn, (_CANVAS, _CANVAS), flags=cv2.INTER_NEAREST
    )
    edge = (_CANVAS - STRIPE_SIZE) // 2
    return image[edge : edge + STRIPE_SIZE, edge : edge + STRIPE_SIZE]
