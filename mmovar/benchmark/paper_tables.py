"""Which protocols give the columns of which table of which paper."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .paper_numbers import PaperNumber, find_numbers
from .protocol import Protocol
from .protocols import build_protocol
from .reduction import Column

Key = tuple[str, str, str, int | str | None]
"""Protocol key of the papers, dataset, metric, shots."""


@dataclass(frozen=True)
class PaperTable:
    """A table of a paper; its rows and columns are those of its numbers.

    Args:
        paper: Key of the paper.
        table: Number of the table, or of a figure.
        title: What it compares.
        setup: Setup of the paper's own method.
        sources: Protocol key of the papers to the protocols whose columns
            stand beside the numbers, first one first. An empty tuple: no
            protocol measures them (cost, clusters).
        axis: Rows and columns of what has no numbers, such as a figure.
        note: What to know of the table.
    """

    paper: str
    table: str
    title: str
    setup: str
    sources: Mapping[str, tuple[str, ...]]
    axis: tuple[tuple[str, ...], tuple[Key, ...]] = ((), ())
    note: str = field(default='', compare=False)

    @property
    def name(self) -> str:
        """``'{paper}/{table}'``."""
        return f'{self.paper}/{self.table}'

    def numbers(self) -> list[PaperNumber]:
        """Return the numbers that the paper prints."""
        return find_numbers(paper=self.paper, table=self.table)

    def keys(self) -> list[Key]:
        """Return the columns."""
        found = [
            (n.protocol, n.dataset, n.metric, n.shots) for n in self.numbers()
        ]
        return list(dict.fromkeys(found or self.axis[1]))

    def protocols(self) -> list[Protocol]:
        """Return the protocols that the columns need."""
        names = dict.fromkeys(n for s in self.sources.values() for n in s)
        return [build_protocol(name, self.setup) for name in names]

    def column(self, key: Key) -> tuple[Protocol, Column] | None:
        """Find what measures a column; None if no protocol does."""
        for name in self.sources[key[0]]:
            protocol = build_protocol(name, self.setup)
            for column in protocol.columns:
                if column.key == key[1:]:
                    return protocol, column
        return None


_B2N = {'base2novel': ('b2n',)}
_FEW = {'few_shot': ('few-shot',), 'few_shot_ablation': ('few-shot',)}
_SCUBA = {'in_vs_out_of_context': ('k400-scuba', 'ucf-scuba')}
_SPLIT1 = {'ablation': ('ucf-scuba',)}
_ABLATION = {'ablation': ('ep3', 'k600-val', 'ucf-scuba')}


def _zero_shot(k600: str) -> dict[str, tuple[str, ...]]:
    return {
        'zero_shot_ep1': ('ep1',),
        'zero_shot_ep2': ('ep2',),
        'zero_shot_ep3': ('ep3', 'zero-shot'),
        'zero_shot_k600': (k600,),
        'closed_set': ('k400-closed',),
    }


_VAL, _TEST = _zero_shot('k600-val'), _zero_shot('k600-test')
_TRADE_OFF: tuple[Key, ...] = (
    ('closed_set', 'K400', 'top1', None),
    ('zero_shot_ep2', 'UCF101', 'top1', None),
    ('zero_shot_ep2', 'HMDB51', 'top1', None),
    ('zero_shot_k600', 'K600', 'top1', None),
)
_RATIOS = ('0.8', '0.7', '0.6', '0.5', '0.4', '0.3', '0.2', '0.0')


def _tables(paper: str, setup: str, *rows: tuple) -> list[PaperTable]:
    return [
        PaperTable(paper, table, title, setup, *rest)
        for table, title, *rest in rows
    ]


PAPER_TABLES: dict[str, PaperTable] = {
    table.name: table
    for table in (
        *_tables(
            'open-mede',
            'open_mede',
            ('1', 'Base to novel', _B2N),
            ('2', 'Zero-shot UCF101, HMDB51, K600', _VAL),
            ('3', 'Out of context', {'out_of_context': ('ucf-ooc',)}),
            ('4', 'Four learners, plain and with Open-MeDe', _VAL),
            ('5', 'Optimisation in and out of context', _SCUBA),
            (
                '6',
                'HMDB51 in and out of context',
                {'in_vs_out_of_context': ('hmdb-scuba',)},
            ),
            ('7', 'Meta-optimisation and GWA', _SPLIT1),
            ('8', 'Learning rate of the query step', _ABLATION),
            ('9', 'Gradient accumulation', _ABLATION),
            ('10', 'Order of the videos', _SPLIT1),
            ('11', 'Tasks and samples', _ABLATION),
            (
                '12',
                'Ensembles with CLIP',
                {'clip_ensemble': ('ep3', 'k600-val', 'ucf-scuba')},
            ),
            ('13', 'Debiasing methods', _SCUBA),
            ('14', 'Cost of training', {'training_cost': ()}),
        ),
        *_tables(
            'open-vclip',
            'open_vclip',
            ('1', 'EP1 and EP2', _VAL),
            ('2', 'EP3', _VAL),
            ('3', 'K600', _VAL),
            ('4', 'CLIP, fine-tuning, Open-VCLIP', _VAL),
            ('5', 'l2 regularisation and IWR', _VAL),
            ('fig2', 'Patch ratio, trade-off', _VAL, (_RATIOS, _TRADE_OFF)),
            (
                'fig3',
                'Patch ratio with and without IWR',
                _VAL,
                (
                    tuple(
                        f'{kind}, {ratio}'
                        for kind in ('fine-tune', 'Open-VCLIP')
                        for ratio in _RATIOS
                    ),
                    _TRADE_OFF,
                ),
            ),
        ),
        *_tables(
            'tc-clip',
            'tc_clip',
            ('1', 'Zero-shot HMDB51, UCF101, K600', _TEST),
            ('2', 'Few-shot', _FEW),
            ('3', 'Base to novel', _B2N),
            (
                '4',
                'Fully supervised K400',
                {'fully_supervised': ('k400-full',)},
            ),
            ('5', 'Components, zero-shot', _TEST),
            ('6a', 'Selection of seed tokens', _FEW),
            ('6b', 'Merging of seed tokens', _FEW),
            ('6c seed ratio', 'Share of seed tokens', _FEW),
            ('6d context tokens', 'Number of context tokens', _FEW),
            ('6e positional', 'Position embedding and bias', _FEW),
            ('7a', 'Tokens that condition the prompts', _FEW),
            ('7b', 'Number of prompt tokens', _FEW),
            ('7c', 'Ways to condition the text', _TEST),
            ('0.A layers', 'Layers of the prompt generation', _FEW),
            ('0.A init', 'Initial prompt generation', _FEW),
            ('8', 'Few-shot from K400', _FEW),
            ('9', 'Base to novel from K400', _B2N),
            ('10', 'Temporal subsets', {'temporal_subset': ('temporal',)}),
        ),
        *_tables(
            'vifi-clip',
            'vifi_clip',
            ('1', 'Zero-shot HMDB51, UCF101, K600', _TEST),
            ('2', 'Base to novel', _B2N),
            ('3', 'Few-shot', _FEW),
            (
                '4',
                'Fully supervised K400',
                {'fully_supervised': ('k400-full',)},
            ),
            (
                '5',
                'Ways to fuse frames',
                {'fusion_ablation': ('few-shot', 'k400-tiny')},
            ),
            ('6', 'Cost', {'compute': ()}),
            ('7', 'Prompting, few-shot from K400', _FEW),
            ('8', 'Prompting, base to novel from K400', _B2N),
            ('9', 'Cost of prompting', {'compute': ()}),
            ('10', 'Retrieval', {'retrieval_msrvtt9k': ('msrvtt',)}),
            ('11', 'Clusters of features', {'tsne_cluster_quality': ()}),
        ),
    )
}
"""Every table of the four papers, by ``'{paper}/{table}'``."""


def get_table(name: str) -> PaperTable:
    """Return a table by its name.

    Raises:
        KeyError: If there is none.
    """
    if name not in PAPER_TABLES:
        raise KeyError(f'table {name!r} is none of {list(PAPER_TABLES)}')
    return PAPER_TABLES[name]
