"""Print what a model costs: parameters, FLOPs, throughput, memory.

    python tools/profiling/cost.py configs/open_mede/k400_zs.py CONFIG ...

One view of a video, with the frames of the config's test, is classified among
the 400 names of Kinetics; text that does not depend on the video is encoded
before. The towers have random weights. FLOPs are multiply-adds, as in the
papers, of what is computed: the last layer leaves out tokens that nobody
reads. With --paper NAME the numbers of that row in ViFi-CLIP's Tables 6 and 9
and Open-MeDe's Table 14 stand below (of the whole model, on their GPUs).
"""

import logging
from typing import Any

import torch
from measure import interleave, peak_memory
from mmengine.registry import init_default_scope
from steps import build_model, make_batch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from mmovar.apis import load_config
from mmovar.benchmark.paper_numbers import paper_numbers
from mmovar.command_line import ArgumentParser, run
from mmovar.engine.loops.test_sets import datasets_of
from mmovar.engine.views import views_of

COST_TABLES = ('compute', 'training_cost')


def cost_of(config: Any, batch_size: int, repeats: int) -> dict[str, float]:
    """Measure a config.

    Args:
        config: A config of a ``CLIPRecognizer``; an ensemble counts as its
            recognizer alone.
        batch_size: Videos of a batch.
        repeats: Batches that are timed; the fastest counts.

    Returns:
        Million parameters, all and tuned, frames, G multiply-adds and videos
        a second of one view, and MiB at the peak.
    """
    frames = views_of(config, next(iter(datasets_of(config).values())))[
        'frames'
    ]
    model = build_model(config).eval()
    batch = make_batch(config, batch_size, frames)

    @torch.no_grad()
    def classify() -> None:
        model.test_step(batch)

    classify()  # text is kept from here on
    # as matrix products, which are counted on all devices
    with (
        sdpa_kernel(SDPBackend.MATH),
        FlopCounterMode(display=False) as flops,
    ):
        classify()
    ((*times,),) = interleave(repeats, classify)
    parameters = list(model.parameters())
    return {
        'params_M': sum(p.numel() for p in parameters) / 1e6,
        'tuned_M': sum(p.numel() for p in parameters if p.requires_grad) / 1e6,
        'frames': frames,
        'gflops': flops.get_total_flops() / 2e9 / batch_size,
        'videos_s': batch_size / min(times),
        'memory_MiB': peak_memory(classify),
    }


def of_paper(row: str) -> list[str]:
    """Return the papers' numbers of a row, with their tables.

    Raises:
        ValueError: If no table of costs has such a row.
    """
    costs = [n for n in paper_numbers() if n.protocol in COST_TABLES]
    found = [
        f'{n.metric} {n.value:g} ({n.paper}, Table {n.table})'
        for n in costs
        if n.method == row
    ]
    if not found:
        rows = sorted({n.method for n in costs})
        raise ValueError(f'--paper {row!r} is none of {rows}')
    return found


def main(argv: list[str] | None = None) -> None:
    """Measure and print."""
    parser = ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('configs', nargs='+')
    parser.add_argument('--paper', help="a row of the papers' tables")
    parser.add_argument('--batch-size', type=int, default=1)
    parser.add_argument('--repeats', type=int, default=3)
    args = parser.parse_args(argv)
    paper = of_paper(args.paper) if args.paper else []
    init_default_scope('mmaction')
    logging.disable(logging.WARNING)
    for path in args.configs:
        cost = cost_of(load_config(path), args.batch_size, args.repeats)
        numbers = ', '.join(f'{k} {v:.4g}' for k, v in cost.items())
        print(f'{path}: {numbers}', flush=True)
    for line in paper:
        print(f'  {args.paper}: {line}')


if __name__ == '__main__':
    run(main)
