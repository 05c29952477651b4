"""Pages and videos that show what a model said.

Not imported by ``import mmovar``: it draws with OpenCV.
"""

from .annotated_video import write_annotated_video
from .html_page import HtmlPage

__all__ = ['HtmlPage', 'write_annotated_video']
