"""A web page in one file: thumbnails of videos and bars of probabilities."""

import base64
import html
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mmovar.atomic_write import write_text

_HEAD = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>{title}</title>
<style>
body {{ font: 15px sans-serif; max-width: 60em; margin: 2em auto; }}
section {{ border-top: 1px solid #ccc; padding: 1em 0; }}
h2 {{ font-size: 1em; word-break: break-all; }}
.frames {{ display: flex; gap: 2px; margin-bottom: .7em; }}
.frames img {{ min-width: 0; flex: 0 1 112px; }}
.label {{ display: flex; align-items: center; margin: 2px 0; }}
.label span {{ flex: 0 0 16em; }}
.label i {{ flex: 1; background: #eee; height: 1em; }}
.label b {{ display: block; background: #47a; height: 100%; }}
.label em {{ flex: 0 0 4em; text-align: right; font-style: normal; }}
.error {{ color: #a22; }}
.picture {{ max-width: 100%; }}
</style>
<h1>{title}</h1>
<p>{subtitle}</p>
"""


class HtmlPage:
    """Collect videos, then write the page; nothing else is needed to view it.

    Args:
        title: Heading of the page.
        subtitle: One line below it, for example the model.
        thumbnail: Width of a thumbnail in pixels.
    """

    def __init__(
        self, title: str, subtitle: str = '', thumbnail: int = 112
    ) -> None:
        self.thumbnail = thumbnail
        self._parts = [
            _HEAD.format(
                title=html.escape(title), subtitle=html.escape(subtitle)
            )
        ]

    def add(
        self,
        video: str,
        frames: np.ndarray,
        labels: Sequence[str],
        probabilities: Sequence[float],
    ) -> None:
        """Add a video.

        Args:
            video: Its name.
            frames: uint8 RGB (T, H, W, 3), shown side by side.
            labels: Best first.
            probabilities: One for each label, in 0..1.
        """
        images = ''.join(f'<img src="{self._jpeg(f)}">' for f in frames)
        bars = '\n'.join(
            f'<div class="label"><span>{html.escape(label)}</span>'
            f'<i><b style="width:{100 * value:.1f}%"></b></i>'
            f'<em>{100 * value:.1f} %</em></div>'
            for label, value in zip(labels, probabilities, strict=True)
        )
        self._parts.append(
            f'<section><h2>{html.escape(video)}</h2>\n'
            f'<div class="frames">{images}</div>\n{bars}\n</section>\n'
        )

    def add_error(self, video: str, error: str) -> None:
        """Add a video that could not be read, and why."""
        self._parts.append(
            f'<section><h2>{html.escape(video)}</h2>\n'
            f'<p class="error">{html.escape(error)}</p>\n</section>\n'
        )

    def add_picture(self, path: str | Path, caption: str) -> None:
        """Add a picture or a video from a file, whole, with its caption.

        Args:
            path: A ``.png``, ``.gif`` or ``.mp4`` file.
            caption: What it shows.

        Raises:
            ValueError: If the file is of another kind.
        """
        path = Path(path)
        kinds = {'.png': 'image/png', '.gif': 'image/gif', '.mp4': 'video/mp4'}
        if path.suffix not in kinds:
            raise ValueError(
                f'{str(path)!r} is none of {", ".join(sorted(kinds))}'
            )
        data = base64.b64encode(path.read_bytes()).decode()
        source = f'src="data:{kinds[path.suffix]};base64,{data}"'
        element = f'<img class="picture" {source}>'
        if path.suffix == '.mp4':
            element = f'<video class="picture" controls loop {source}></video>'
        self._parts.append(
            f'<section><h2>{html.escape(path.name)}</h2>\n'
            f'<p>{html.escape(caption)}</p>\n{element}\n</section>\n'
        )

    def write(self, path: str | Path) -> None:
        """Write the page, and the folders above it."""
        write_text(path, ''.join(self._parts) + '</html>\n')

    def _jpeg(self, frame: np.ndarray) -> str:
        """Shrink a frame and turn it into the text of an inline image."""
        import cv2

        height, width = frame.shape[:2]
        size = (self.thumbnail, max(1, self.thumbnail * height // width))
        small = cv2.resize(frame, size, interpolation=cv2.INTER_AREA)
        _, data = cv2.imencode('.jpg', cv2.cvtColor(small, cv2.COLOR_RGB2BGR))
        text = base64.b64encode(data.tobytes()).decode()
        return f'data:image/jpeg;base64,{text}'
