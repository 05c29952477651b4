"""Frames of a clip, in rows of a picture or side by side in a video."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .contact_sheet import spread_evenly
from .palette import COLOURS


@dataclass(frozen=True)
class Panel:
    """A clip with a title and, if given, a model's probabilities.

    Attributes:
        title: Of one or two lines.
        frames: uint8 RGB (T, H, W, 3).
        labels: Best first; may be empty.
        probabilities: One for each label, in 0..1.
    """

    title: str
    frames: np.ndarray
    labels: Sequence[str] = ()
    probabilities: Sequence[float] = ()


def draw_clip(
    panels: Sequence[Panel], path: str | Path, columns: int = 8
) -> None:
    """Draw one row of frames for each panel, with bars of its labels.

    Args:
        panels: Of equally many frames.
        path: Image to write; the suffix tells the format.
        columns: Most frames to show, at even steps.
    """
    from matplotlib.figure import Figure

    shown = spread_evenly(len(panels[0].frames), columns)
    bars = any(panel.labels for panel in panels)
    ratios = [1.0] * len(shown) + [1.9] * bars
    figure = Figure(
        figsize=(1.25 + 1.15 * sum(ratios), 1.25 * len(panels) + 0.3),
        layout='constrained',
    )
    grid = figure.subplots(
        len(panels), len(ratios), squeeze=False, width_ratios=ratios
    )
    for row, panel in zip(grid, panels, strict=True):
        row[0].set_ylabel(
            panel.title, rotation=0, ha='right', va='center', fontsize=9
        )
        for axes, index in zip(row, shown, strict=False):
            _show(axes, panel.frames[index])
        if bars:
            _bars(row[-1], panel)
    for axes, index in zip(grid[0], shown, strict=False):
        axes.set_title(f'frame {index + 1}', fontsize=9)
    figure.savefig(path, dpi=100)


def write_clip_video(
    panels: Sequence[Panel],
    paths: Sequence[str | Path],
    frames_per_second: float = 4,
) -> None:
    """Write a video of the panels side by side, with bars of their labels.

    Args:
        panels: Of equally many frames.
        paths: Files to write, ``.gif`` or ``.mp4``.
        frames_per_second: Of the video.

    Raises:
        ValueError: If a path has another suffix.
    """
    import imageio.v3 as imageio

    kinds: dict[str, dict[str, Any]] = {
        '.gif': dict(duration=round(1000 / frames_per_second), loop=0),
        '.mp4': dict(fps=frames_per_second, macro_block_size=2),
    }
    suffixes = [Path(path).suffix for path in paths]
    if not set(suffixes) <= set(kinds):
        raise ValueError(
            f'videos are written as {sorted(kinds)}, not as {suffixes}'
        )
    images = _draw_video(panels)
    for path, suffix in zip(paths, suffixes, strict=True):
        imageio.imwrite(path, images, **kinds[suffix])


def _draw_video(panels: Sequence[Panel]) -> np.ndarray:
    """Draw each frame of a video, uint8 (T, H, W, 3)."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    bars = any(panel.labels for panel in panels)
    figure = Figure(
        figsize=(2.5 * len(panels), 2.9 + 1.3 * bars),
        dpi=100,
        layout='constrained',
    )
    canvas = FigureCanvasAgg(figure)
    grid = figure.subplots(
        1 + bars,
        len(panels),
        squeeze=False,
        height_ratios=[1, 0.45][: 1 + bars],
    )
    shown = []
    for panel, column in zip(panels, grid.T, strict=True):
        column[0].set_title(panel.title, fontsize=9)
        shown.append(_show(column[0], panel.frames[0]))
        if bars:
            _bars(column[1], panel)
    images = []
    for index in range(len(panels[0].frames)):
        for image, panel in zip(shown, panels, strict=True):
            image.set_data(panel.frames[index])
        canvas.draw()
        # players want even sizes
        picture = np.asarray(canvas.buffer_rgba())[..., :3]
        height, width = (side // 2 * 2 for side in picture.shape[:2])
        images.append(picture[:height, :width].copy())
    return np.stack(images)


def _show(axes: Any, frame: np.ndarray) -> Any:
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    return axes.imshow(frame, interpolation='nearest')


def _bars(axes: Any, panel: Panel) -> None:
    """Draw horizontal bars with the label and the percents inside."""
    axes.spines[:].set_visible(False)
    axes.set(xticks=[], yticks=[])
    if not panel.labels:
        return
    places = range(len(panel.labels))
    axes.barh(places, panel.probabilities, color=COLOURS[4], height=0.8)
    axes.set(xlim=(0, 1), ylim=(len(panel.labels) - 0.4, -0.6))
    for place, label, value in zip(
        places, panel.labels, panel.probabilities, strict=True
    ):
        text = f'{100 * value:.1f} %  {shorten(label, 28)}'
        axes.text(0.01, place, text, va='center', fontsize=8)


def shorten(label: str, length: int) -> str:
    """Cut a label to a length, with three dots."""
    return label if len(label) <= length else f'{label[: length - 3]}...'
