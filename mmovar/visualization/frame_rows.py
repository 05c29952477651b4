"""Frames of a clip in rows, as a part of a web page."""

import base64
import html
from collections.abc import Mapping

import numpy as np

FRAME_ROWS_CSS = """
.frame-rows figure { margin: 0 0 14px; }
.frame-rows figcaption { margin-bottom: 3px; }
.frame-rows div { display: grid; gap: 3px;
  grid-template-columns: repeat(var(--columns), 1fr); }
.frame-rows img { width: 100%; display: block; }
"""
"""What the page needs beside :func:`frame_rows`."""


def frame_rows(rows: Mapping[str, np.ndarray], columns: int = 8) -> str:
    """Show clips below one another, with the pictures inside the text.

    Args:
        rows: Title to uint8 RGB (T, H, W, 3).
        columns: Most frames side by side; the others follow below.

    Returns:
        A ``<div>`` element.
    """
    return '\n'.join(
        [
            '<div class="frame-rows">',
            *(_figure(title, f, columns) for title, f in rows.items()),
            '</div>',
        ]
    )


def _figure(title: str, frames: np.ndarray, columns: int) -> str:
    title = html.escape(title)
    images = ''.join(
        f'<img src="{_png(frame)}" alt="{title}, frame {number}" '
        f'title="frame {number}">'
        for number, frame in enumerate(frames, start=1)
    )
    return (
        f'<figure><figcaption>{title}</figcaption>'
        f'<div style="--columns: {min(columns, len(frames))}">{images}</div>'
        '</figure>'
    )


def _png(frame: np.ndarray) -> str:
    """Turn a frame into the text of an inline image."""
    import cv2

    _, data = cv2.imencode('.png', cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))
    text = base64.b64encode(data.tobytes()).decode()
    return f'data:image/png;base64,{text}'
