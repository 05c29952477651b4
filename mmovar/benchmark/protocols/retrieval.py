"""Find videos by their captions."""

from ..cell import Cell
from ..protocol import Protocol, Run
from ..reduction import Column, Value
from ..setups import Setup, get_setup


def msrvtt(setup: Setup) -> Protocol:
    """MSR-VTT: 9,000 videos to train on, 1,000 to search.

    Source: ViFi-CLIP (CVPR 2023), appendix A (16 frames); its code has no
    retrieval. A caption stands where a class name stands elsewhere.
    """
    setup = get_setup(
        setup.alone(),
        frames=16,
        aggregation='logits',
        templates='the caption itself',
        names='captions',
    )
    cell = Cell(
        name='msrvtt/1k',
        dataset='MSRVTT',
        videos='1,000 test videos, one caption each',
        data='msrvtt_1k',
        vocabulary=None,
        run='msrvtt',
        setup=setup,
        metric='R@1',
        size=1000,
    )
    return Protocol(
        name='msrvtt',
        title='Text-to-video retrieval on MSR-VTT',
        setup=setup,
        cells=(cell,),
        columns=tuple(
            Column('MSRVTT', metric, Value(cell.name, metric))
            for metric in ('R@1', 'R@5', 'R@10')
        ),
        runs={'msrvtt': Run('msrvtt_9k')},
        paper_keys=('retrieval_msrvtt9k',),
    )
