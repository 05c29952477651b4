"""What a checkpoint may hold, on the command lines of tools."""

import argparse
import os

from mmovar.clip.weight_files import SKIP_FOREIGN
from mmovar.compat import UNSAFE_PICKLE


def add_loading_options(parser: argparse.ArgumentParser) -> None:
    """Add ``--skip-foreign``, ``--unsafe-pickle`` and ``--allow-missing``."""
    loading = parser.add_argument_group('what a checkpoint may hold')
    loading.add_argument(
        '--skip-foreign',
        action='store_true',
        help='objects that are no weights: they are skipped, nothing runs',
    )
    loading.add_argument(
        '--unsafe-pickle',
        action='store_true',
        help='objects that are no weights: in a checkpoint of MMEngine they '
        'are built, which can run any code',
    )
    loading.add_argument(
        '--allow-missing',
        nargs='+',
        default=[],
        metavar='GLOB',
        help='weights that need not be there, such as "cls_head.*"; they stay '
        'as the config makes them',
    )


def use_loading_options(args: argparse.Namespace) -> None:
    """Tell MMEngine's loader, which knows the environment only."""
    for given, variable in (
        (args.skip_foreign, SKIP_FOREIGN),
        (args.unsafe_pickle, UNSAFE_PICKLE),
    ):
        if given:
            os.environ[variable] = '1'
