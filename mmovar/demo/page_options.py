"""The options of the demo page on a command line."""

from argparse import ArgumentParser, Namespace

from .question_limits import QuestionLimits
from .video_limits import VideoLimits

_LIMITS: dict[type, tuple[tuple[str, str, str], ...]] = {
    VideoLimits: (
        ('--max-mb', 'megabytes', 'largest file to take'),
        ('--max-seconds', 'seconds', 'longest video to take'),
        ('--max-pixels', 'pixels', 'width x height of a video'),
    ),
    QuestionLimits: (
        ('--max-labels', 'labels', 'labels of a question'),
        ('--max-templates', 'templates', 'templates of a question'),
        ('--max-letters', 'letters', 'letters of a label or template'),
        ('--max-answer-seconds', 'seconds', 'time that an answer takes'),
        ('--max-waiting', 'waiting', 'questions in the queue'),
    ),
}


def add_page_options(parser: ArgumentParser) -> None:
    """Add the options of the page to a command line."""
    page = parser.add_argument_group('web page')
    page.add_argument(
        '--serve', action='store_true', help='open a page to try models on'
    )
    page.add_argument(
        '--model',
        nargs='+',
        action='extend',
        default=[],
        metavar='NAME=CONFIG[:CHECKPOINT]',
        help='to choose from (default: --config and --checkpoint)',
    )
    page.add_argument(
        '--folder',
        default='work_dirs/demo',
        help='where the page writes (default: %(default)s)',
    )
    page.add_argument(
        '--host',
        default='127.0.0.1',
        help='address to listen at (default: %(default)s, this machine only)',
    )
    page.add_argument(
        '--port',
        type=int,
        default=7860,
        help='0: the first free one from 7860 on',
    )
    page.add_argument(
        '--allow-host',
        nargs='+',
        action='extend',
        default=[],
        metavar='NAME[:PORT]',
        help='names that others may call the page by, besides its address; '
        'of this machine with --host 0.0.0.0, or of a reverse proxy',
    )
    for kind, options in _LIMITS.items():
        for option, name, text in options:
            default = getattr(kind(), name)
            page.add_argument(
                option,
                dest=f'{kind.__name__}.{name}',
                type=type(default),
                default=default,
                metavar='N',
                help=f'{text} (default: %(default)g)',
            )
    page.add_argument(
        '--max-total-mb',
        type=float,
        default=2048.0,
        metavar='N',
        help='all uploads together (default: %(default)g)',
    )


def read_limits(args: Namespace) -> tuple[VideoLimits, QuestionLimits]:
    """Read the limits of :func:`add_page_options`.

    Raises:
        ValueError: If one is not above 0.
    """
    videos, questions = (
        kind(**{n: getattr(args, f'{kind.__name__}.{n}') for _, n, _ in named})
        for kind, named in _LIMITS.items()
    )
    return videos, questions
