"""The demo as a web page of Gradio."""

import html
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from mmovar.visualization.frame_rows import FRAME_ROWS_CSS, frame_rows

from .demo import Answer, Demo

_CSS = (
    FRAME_ROWS_CSS
    + """
.bars svg { max-width: 100%; height: auto; overflow: visible;
  background: white; }
.said { font-size: 1.05em; margin: 4px 0; white-space: pre-wrap; }
.refused { font-size: 1.05em; margin: 4px 0; padding: 8px 12px;
  border-left: 4px solid #b3261e; background: #fdecea; color: #7a1712; }
.hint { margin: 4px 0; opacity: .75; }
footer { display: none !important; }
"""
)
_AT_ONCE = 4
"""Questions that wait for the models, not in the queue."""
_HINT = (
    '<p class="hint">Drop a video, type labels, press the button. Scores, '
    'frames and attention appear here.</p>'
)


def page_app(
    demo: Demo,
    folder: Path,
    labels: str = '',
    host: str = '127.0.0.1',
    allowed: Iterable[str] = (),
) -> Any:
    """Make the page an ASGI application.

    Args:
        demo: What answers.
        folder: Where uploads are written, by :func:`write_only_to`.
        labels: To begin with, one a line.
        host: See :class:`OwnAddressOnly`.
        allowed: Likewise.
    """
    import gradio as gr
    from starlette.applications import Starlette

    from .own_address import OwnAddressOnly
    from .uploads import UploadLimit

    @asynccontextmanager
    async def lifespan(_: Any) -> AsyncIterator[None]:
        yield
        demo.stop()

    app = gr.mount_gradio_app(
        Starlette(lifespan=lifespan),
        build_page(demo, labels),
        path='/',
        max_file_size=demo.limits.size,
        theme=gr.themes.Default(
            font=['system-ui', 'sans-serif'], font_mono='monospace'
        ),
        css=_CSS,
        show_error=False,
        ssr_mode=False,
        footer_links=[],
    )
    limits = demo.limits
    limited = UploadLimit(app, folder, limits.size, limits.total_size)
    return OwnAddressOnly(limited, host, allowed)


def build_page(demo: Demo, labels: str = '') -> Any:
    """Lay out the page.

    Args:
        demo: What answers.
        labels: To begin with, one a line.

    Returns:
        ``gradio.Blocks``, not yet launched.
    """
    import gradio as gr

    names = list(demo.models)
    limits = demo.limits
    with gr.Blocks(
        title='mmovar demo',
        analytics_enabled=False,
        delete_cache=(3600, 86400),
    ) as page:
        gr.Markdown('## Name the action in a video')
        with gr.Row():
            with gr.Column(scale=2, min_width=280):
                video = gr.File(
                    label=f'Video (up to {limits.megabytes:g} MB, '
                    f'{limits.seconds:g} s)',
                    height=160,
                    elem_id='video',
                )
                typed = gr.Textbox(
                    labels,
                    label='Labels to choose from, one a line',
                    lines=5,
                    max_lines=12,
                    elem_id='labels',
                )
                templates = gr.Textbox(
                    label='Templates, one a line',
                    placeholder='a video of a person {}.',
                    info="empty: the model's own",
                    lines=2,
                    max_lines=6,
                    elem_id='templates',
                )
                chosen = gr.CheckboxGroup(
                    names, value=names, label='Models', elem_id='models'
                )
                alpha = gr.Slider(
                    0,
                    1,
                    value=1,
                    step=0.05,
                    label='Patching: alpha',
                    info='fine-tuned share; 0 is CLIP',
                    visible=demo.moves,
                    elem_id='alpha',
                )
                button = gr.Button(
                    'Recognise', variant='primary', elem_id='ask'
                )
            with gr.Column(scale=5, min_width=420):
                said = gr.HTML(_HINT, elem_id='said', min_height=60)
                bars = gr.HTML(elem_id='bars')
                rows = gr.HTML(elem_id='rows')
        asked = [video, typed, templates, chosen, alpha]
        shown = [said, bars, rows]

        def ask(*question: Any) -> tuple[str, str, str]:
            return render(demo, *question)

        def ask_again(*question: Any) -> Any:
            if question[0] is None:  # nothing was asked yet
                return gr.skip()
            return render(demo, *question)

        settings: dict[str, Any] = dict(
            inputs=asked,
            outputs=shown,
            api_visibility='private',
            concurrency_id='question',
            concurrency_limit=_AT_ONCE,
        )
        button.click(ask, **settings)
        for control in (alpha, chosen):
            control.change(ask_again, trigger_mode='always_last', **settings)
    page.queue(max_size=demo.limits.waiting)
    return page


def render(demo: Demo, *question: Any) -> tuple[str, str, str]:
    """Answer as HTML: what is said, the bars, the frames.

    Args:
        demo: What answers.
        question: Arguments of :meth:`Demo.answer`.
    """
    try:
        answer: Answer = demo.answer(*question)
    except ValueError as error:
        text = html.escape(str(error))
        return f'<p class="refused" role="alert">{text}</p>', '', ''
    return (
        f'<p class="said">{html.escape(answer.text)}</p>',
        f'<div class="bars">{answer.bars}</div>',
        frame_rows(answer.rows),
    )
