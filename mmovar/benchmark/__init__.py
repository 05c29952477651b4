"""Benchmarks as data: cells, protocols, records, reductions, tables.

Plain Python and NumPy; nothing here knows a model or a video.
"""

from .bootstrap import Difference, paired_bootstrap
from .cell import Cell, Selection
from .classes import class_gains, confusions
from .paper_numbers import find_numbers, paper_value
from .paper_tables import PAPER_TABLES, PaperTable, get_table
from .predictions import Predictions, contrasted
from .protocol import Protocol, Run
from .protocols import PROTOCOLS, build_protocol, find_cells
from .record import Record, read_records, record_path, sha256_of
from .reduction import Column, Contrast, Harmonic, Mean, Number, Value
from .results import Results
from .setups import SETUPS, Setup, get_setup
from .table_commands import TableRow, open_points, table_rows
from .tables import METHOD_TITLES, Table, paper_table, protocol_table

__all__ = [
    'METHOD_TITLES',
    'PAPER_TABLES',
    'PROTOCOLS',
    'SETUPS',
    'Cell',
    'Column',
    'Contrast',
    'Difference',
    'Harmonic',
    'Mean',
    'Number',
    'PaperTable',
    'Predictions',
    'Protocol',
    'Record',
    'Results',
    'Run',
    'Selection',
    'Setup',
    'Table',
    'TableRow',
    'Value',
    'build_protocol',
    'class_gains',
    'confusions',
    'contrasted',
    'find_cells',
    'find_numbers',
    'get_setup',
    'get_table',
    'open_points',
    'paired_bootstrap',
    'paper_table',
    'paper_value',
    'protocol_table',
    'read_records',
    'record_path',
    'sha256_of',
    'table_rows',
]
