"""The demo as a web page of Gradio."""

import html
import os
import tempfile
from collections.abc import Callable
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
_HINT = (
    '<p class="hint">Drop a video, type labels, press the button. Scores, '
    'frames and attention appear here.</p>'
)


def serve(
    demo: Demo,
    folder: str | Path,
    labels: str = '',
    host: str = '127.0.0.1',
    port: int = 7860,
    announce: Callable[[str], None] = lambda url: None,
) -> None:
    """Show the page until the program is interrupted.

    The page loads nothing from other hosts: its headers forbid it. Uploads
    are deleted after a day, and when the program ends.

    Args:
        demo: What answers.
        folder: The only place that is written to; it is made.
        labels: To begin with, one a line.
        host: Address to listen at. The default cannot be reached from other
            machines.
        port: Port to listen at; 0 for the first free one from 7860 on.
        announce: Called with the address of the page when it is there.

    Raises:
        OSError: If the port is taken.
    """
    write_only_to(folder)
    page = build_page(demo, labels)
    from gradio.themes import Default
    from starlette.middleware import Middleware

    _, url, _ = page.launch(
        server_name=host,
        server_port=port or None,
        max_file_size=demo.limits.size,
        app_kwargs=dict(middleware=[Middleware(_OwnHostOnly)]),
        theme=Default(font=['system-ui', 'sans-serif'], font_mono='monospace'),
        css=_CSS,
        share=False,
        ssr_mode=False,
        footer_links=[],
        quiet=True,
        prevent_thread_lock=True,
    )
    announce(url)
    page.block_thread()


def write_only_to(folder: str | Path) -> None:
    """Point Gradio and all that it uses to one folder, and keep it offline.

    Must be called before Gradio is imported.
    """
    folder = Path(folder).resolve()
    (folder / 'tmp').mkdir(parents=True, exist_ok=True)
    tempfile.tempdir = str(folder / 'tmp')
    os.environ.update(
        GRADIO_TEMP_DIR=str(folder / 'uploads'),
        GRADIO_EXAMPLES_CACHE=str(folder / 'examples'),
        GRADIO_ANALYTICS_ENABLED='False',
        HF_HUB_OFFLINE='1',
        HF_HOME=str(folder / 'huggingface'),
        MPLCONFIGDIR=str(folder / 'matplotlib'),
        TMPDIR=str(folder / 'tmp'),
    )


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
            inputs=asked, outputs=shown, api_visibility='private'
        )
        button.click(ask, **settings)
        for control in (alpha, chosen):
            control.change(ask_again, trigger_mode='always_last', **settings)
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


class _OwnHostOnly:
    """Forbid the page, by its headers, to load from other hosts."""

    _POLICY = (
        "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; "
        "frame-ancestors 'none'"
    )

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def send_with_policy(message: Any) -> None:
            if message['type'] == 'http.response.start':
                header = b'content-security-policy', self._POLICY.encode()
                message.setdefault('headers', []).append(header)
            await send(message)

        await self._app(scope, receive, send_with_policy)
