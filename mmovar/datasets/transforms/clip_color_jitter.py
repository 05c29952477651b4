"""Colour jitter that is one draw for a whole clip."""

import numpy as np
from mmaction.registry import TRANSFORMS
from mmcv.transforms import BaseTransform

_GRAY = np.array([0.299, 0.587, 0.114], dtype=np.float32)


@TRANSFORMS.register_module()
class ClipColorJitter(BaseTransform):
    """Jitter brightness, contrast, saturation and hue, alike on all frames.

    Factors are drawn from U(1 - x, 1 + x) and the turn of the hue from
    U(-hue, hue); the four steps come in random order. One draw serves all
    frames of the sample: a clip does not flicker. It computes in float32 and
    rounds once at the end (MMAction2's ``ColorJitter`` overflows uint8 in
    half of its calls under NumPy 2, and draws its order once for ever).

    It reads and changes ``imgs``, a list of RGB frames (H, W, 3), uint8.

    Args:
        brightness: Half width of the factor, in [0, 1].
        contrast: Half width of the factor around the mean grey value of each
            frame, in [0, 1].
        saturation: Half width of the factor around the grey frame, in [0, 1].
        hue: Largest turn of the colour circle, as a share of it, in [0, 0.5].

    Raises:
        ValueError: If a value is out of its range.
    """

    def __init__(
        self,
        brightness: float = 0.4,
        contrast: float = 0.4,
        saturation: float = 0.4,
        hue: float = 0.1,
    ) -> None:
        self.widths = dict(
            brightness=brightness,
            contrast=contrast,
            saturation=saturation,
            hue=hue,
        )
        for name, width in self.widths.items():
            limit = 0.5 if name == 'hue' else 1
            if not 0 <= width <= limit:
                raise ValueError(
                    f'{name} must be in [0, {limit}], got {width}'
                )

    def transform(self, results: dict) -> dict:
        """Draw once, then jitter every frame."""
        names = np.random.permutation([n for n, w in self.widths.items() if w])
        draws = {
            name: np.float32(np.random.uniform(-1, 1) * self.widths[name])
            for name in names
        }
        results['imgs'] = [
            self._jitter(image, draws) for image in results['imgs']
        ]
        return results

    @staticmethod
    def _jitter(image: np.ndarray, draws: dict[str, np.float32]) -> np.ndarray:
        """Apply the steps in their order to one frame, (H, W, 3) uint8."""
        image = image.astype(np.float32)
        for name, draw in draws.items():
            image = _STEPS[name](image, draw)
            np.clip(image, 0, 255, out=image)
        return np.rint(image).astype(np.uint8)

    def __repr__(self) -> str:
        widths = ', '.join(f'{n}={w}' for n, w in self.widths.items())
        return f'{type(self).__name__}({widths})'


def _brightness(image: np.ndarray, draw: np.float32) -> np.ndarray:
    return image * (1 + draw)


def _contrast(image: np.ndarray, draw: np.float32) -> np.ndarray:
    return image * (1 + draw) - draw * (image @ _GRAY).mean()


def _saturation(image: np.ndarray, draw: np.float32) -> np.ndarray:
    return image * (1 + draw) - draw * (image @ _GRAY)[..., None]


def _hue(image: np.ndarray, draw: np.float32) -> np.ndarray:
    import cv2

    # float32 HSV: hue in degrees [0, 360), so nothing wraps or is rounded.
    hsv = cv2.cvtColor(image / 255, cv2.COLOR_RGB2HSV)
    hsv[..., 0] = (hsv[..., 0] + 360 * draw) % 360
    return cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB) * 255


_STEPS = dict(
    brightness=_brightness,
    contrast=_contrast,
    saturation=_saturation,
    hue=_hue,
)
