"""Pictures, pages and videos of a model's attention and predictions.

Not imported by ``import mmovar``: it draws with OpenCV and matplotlib, and
the extra ``visualization`` has the rest of what it needs.
"""

from .annotated_video import write_annotated_video
from .attention_map import attention_map
from .attention_overlay import attention_overlay
from .html_page import HtmlPage

__all__ = [
    'HtmlPage',
    'attention_map',
    'attention_overlay',
    'write_annotated_video',
]
