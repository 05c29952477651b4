"""Which patches of a clip TC-CLIP's seed and context tokens come from."""

from dataclasses import dataclass

import numpy as np

from .attention_overlay import normalised_clip
from .interfaces import Recognizer


@dataclass(frozen=True)
class ContextTokens:
    """Seeds and context tokens of one layer, in a clip of T frames.

    Attributes:
        frames: uint8 RGB (T, H, W, 3).
        source: Context token that each patch went to, (T, rows, columns);
            -1 where the patch is no seed.
    """

    frames: np.ndarray
    source: np.ndarray

    def seeds(self) -> np.ndarray:
        """Darken all patches that are no seeds, uint8 (T, H, W, 3)."""
        return _darken(self.frames, ~self._enlarge(self.source >= 0))

    def source_map(self) -> np.ndarray:
        """Paint each seed in the mean colour of its context token's patches.

        Source: the pictures of ToMe (ICLR 2023) and of TC-CLIP, Fig. 5.

        Returns:
            uint8 (T, H, W, 3); what is no seed is black.
        """
        source = self._enlarge(self.source)
        count = source.max() + 1
        is_seed = source >= 0
        sizes = np.bincount(source[is_seed], minlength=count)
        colours = np.stack(
            [
                np.bincount(source[is_seed], channel[is_seed], count)
                for channel in np.moveaxis(self.frames, -1, 0)
            ],
            axis=-1,
        ) / np.maximum(sizes, 1).reshape(-1, 1)
        painted = np.zeros_like(self.frames)
        painted[is_seed] = colours.round().astype(np.uint8)[source[is_seed]]
        return painted

    def followed(self, token: int) -> np.ndarray:
        """Darken all patches but those of one context token.

        Args:
            token: Index of the context token.

        Returns:
            uint8 (T, H, W, 3).

        Raises:
            ValueError: If there is no such token.
        """
        if not 0 <= token <= self.source.max():
            raise ValueError(
                f'token {token} is not in 0..{self.source.max()}, the '
                'context tokens of this clip'
            )
        return _darken(self.frames, ~self._enlarge(self.source == token))

    def most_lasting(self) -> int:
        """Find the token seen in most frames; of these, the smallest."""
        tokens = range(self.source.max() + 1)
        return max(tokens, key=lambda k: (self.duration(k), -self.size(k)))

    def duration(self, token: int) -> int:
        """Count the frames that a token has patches in."""
        return int((self.source == token).any(axis=(1, 2)).sum())

    def size(self, token: int) -> int:
        """Count the patches of a token."""
        return int((self.source == token).sum())

    def token_at(self, frame: int, x: float, y: float) -> int:
        """Find the token that a place of a frame went to.

        Args:
            frame: Index of the frame.
            x: From the left, 0..1.
            y: From the top, 0..1.

        Raises:
            ValueError: If the place is outside, or no seed.
        """
        frames, rows, columns = self.source.shape
        if not (0 <= frame < frames and 0 <= x < 1 and 0 <= y < 1):
            raise ValueError(
                f'frame {frame}, x {x}, y {y}: frame must be in '
                f'0..{frames - 1}, x and y in [0, 1)'
            )
        token = int(self.source[frame, int(y * rows), int(x * columns)])
        if token < 0:
            raise ValueError(
                f'frame {frame}, x {x}, y {y} is no seed of this layer'
            )
        return token

    def _enlarge(self, patches: np.ndarray) -> np.ndarray:
        """Give each pixel the value of its patch, (T, H, W)."""
        rows = self.frames.shape[1] // patches.shape[1]
        columns = self.frames.shape[2] // patches.shape[2]
        return patches.repeat(rows, axis=1).repeat(columns, axis=2)


def context_tokens(
    model: Recognizer, frames: np.ndarray, layer: int = -1
) -> ContextTokens:
    """Trace the seeds and context tokens of a clip.

    Args:
        model: A recognizer with a ``TCCLIPViT``, in evaluation mode.
        frames: What it sees, uint8 RGB (T, H, W, 3).
        layer: Index of the layer, 0 is the first, -1 the last. The context
            of the last layer is used by heads that condition text on it.

    Raises:
        ValueError: If the backbone has no context tokens, or ``layer`` is
            out of range.
    """
    if not hasattr(model.backbone, 'trace'):
        raise ValueError(
            f'{type(model.backbone).__name__} has no context tokens; they '
            'are those of TCCLIPViT'
        )
    clip = normalised_clip(model, frames)
    traces = model.backbone.trace(clip.unsqueeze(0))
    if not -len(traces) <= layer < len(traces):
        raise ValueError(
            f'layer {layer} is not in {-len(traces)}..{len(traces) - 1}'
        )
    columns = clip.shape[-1] // model.backbone.conv1.stride[1]
    source = traces[layer].source[0].cpu().unflatten(1, (-1, columns))
    return ContextTokens(frames, source.numpy())


def _darken(frames: np.ndarray, where: np.ndarray) -> np.ndarray:
    dark = frames.copy()
    dark[where] = frames[where] // 5
    return dark
