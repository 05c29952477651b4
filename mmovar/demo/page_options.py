"""The options of the demo page on a command line."""

from argparse import ArgumentParser, Namespace

from .limits import Limits

_LIMITS = {
    'megabytes': ('--max-mb', 'largest file to take'),
    'total_megabytes': ('--max-total-mb', 'all uploads together'),
    'seconds': ('--max-seconds', 'longest video to take'),
    'pixels': ('--max-pixels', 'width x height of a video'),
    'labels': ('--max-labels', 'labels of a question'),
    'templates': ('--max-templates', 'templates of a question'),
    'letters': ('--max-letters', 'letters of a label or template'),
    'answer_seconds': ('--max-answer-seconds', 'time that an answer takes'),
    'waiting': ('--max-waiting', 'questions in the queue'),
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
    for name, (option, text) in _LIMITS.items():
        default = getattr(Limits, name)
        page.add_argument(
            option,
            dest=f'max_{name}',
            type=type(default),
            default=default,
            metavar='N',
            help=f'{text} (default: %(default)g)',
        )


def read_limits(args: Namespace) -> Limits:
    """Read the limits of :func:`add_page_options`.

    Raises:
        ValueError: If one is not above 0.
    """
    return Limits(**{name: getattr(args, f'max_{name}') for name in _LIMITS})
