"""How players turn the pictures of a file."""

import numpy as np


def turned(image: np.ndarray, matrix: bytes) -> np.ndarray:
    """Turn and mirror by a display matrix, to the nearest quarter."""
    a, b, _, c, d = np.frombuffer(matrix, np.int32)[:5].tolist()
    if abs(b) > abs(a):
        image, a, d = image.swapaxes(0, 1), c, b
    return np.ascontiguousarray(
        image[:: -1 if d < 0 else 1, :: -1 if a < 0 else 1]
    )
