"""Measure training and test on one GPU, run the GPU tests, write a table.

    python tools/profiling/gpu.py --out gpu.md [--rows VCLIP TC-CLIP] [--tiny]

ViT-B/16, 8 frames, 400 names, half precision, random weights, clips copied to
the GPU and normalised in the step. A row has clips a second (median of 6 steps
after 3), milliseconds a step, the share of the GPU's peak (MFU; FLOPs of
torch.utils.flop_counter over a whole step, text included, over the peak of the
data sheet), peak memory, and calls a step: what torch.profiler sees launched
(on a CPU: ATen operations, see calls.py). --tiny runs all of it on a CPU in a
minute, with a small CLIP, to see that it runs.
"""

import argparse
import copy
import gc
import logging
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from calls import SMALL_CLIP, count_calls
from measure import peak_memory, seconds
from mmengine.registry import init_default_scope
from steps import build_model, make_batch, training_step
from torch.utils.flop_counter import FlopCounterMode

from mmovar.apis import enable_amp, load_config
from mmovar.atomic_write import write_text
from mmovar.command_line import ArgumentParser, run
from mmovar.engine.half_precision import HALF_TYPES, half_type

ROOT = Path(__file__).resolve().parents[2]
PEAK_TFLOPS = {'H100': 989, 'H200': 989, 'A100': 312}
"""Dense half precision, by a part of the GPU's name; of the data sheets."""
HEADER = (
    '| | batch | clips/s | ms a step | MFU | peak GiB | calls |\n'
    '|---|---|---|---|---|---|---|\n'
)


@dataclass(frozen=True)
class Row:
    """A config and how it is run."""

    name: str
    config: str
    batches: tuple[int, ...] = (8, 32)
    compiled: bool = False
    test: bool = False
    options: dict[str, Any] = field(default_factory=dict)


VCLIP, FRAMEWISE = 'open_vclip/k400_plain', {'model.backbone.type': 'CLIPViT'}
ROWS = (
    Row('VCLIP', VCLIP),
    Row('VCLIP, compiled', VCLIP, compiled=True),
    Row('frame-wise', VCLIP, options=FRAMEWISE),
    Row('frame-wise, compiled', VCLIP, compiled=True, options=FRAMEWISE),
    Row('Open-MeDe', 'open_mede/k400_zs'),
    Row('ViFi-CLIP both', 'vifi_clip/k400_zs'),
    Row('TC-CLIP', 'tc_clip/k400_zs'),
    Row('VCLIP, test', VCLIP, (32,), test=True),
    Row('TC-CLIP, test', 'tc_clip/k400_zs', (32,), test=True),
)


def work_of(row: Row, batch: int, args: argparse.Namespace) -> Callable:
    """Build what a row does again and again."""
    config = load_config(ROOT / f'configs/{row.config}.py', row.options)
    if args.tiny:
        config.model.arch = copy.deepcopy(SMALL_CLIP)
        config.model.arch['vision_cfg']['layers'] = 3
        config.model.arch['text_cfg']['layers'] = 3
    if not row.test:
        enable_amp(config, args.amp_dtype)
        meta = 'Meta' in config.optim_wrapper.type
        sizes = argparse.Namespace(
            batch_size=batch // 2 if meta else batch, num_frames=8
        )
        return training_step(config, sizes, row.compiled)[0]
    model, videos = build_model(config).eval(), make_batch(config, batch, 8)
    device = next(model.parameters()).device.type
    half = getattr(torch, args.amp_dtype)

    @torch.no_grad()
    def classify() -> None:
        with torch.autocast(device, half):
            model.test_step(videos)

    return classify


def launches(work: Callable[[], object]) -> int:
    """Count what a piece of work launches on the GPU."""
    if not torch.cuda.is_available():
        return count_calls(work).total()
    with torch.profiler.profile() as profile:
        work()
        torch.cuda.synchronize()
    begin = ('cudaLaunch', 'cuLaunch', 'cudaMemcpyAsync', 'cudaMemsetAsync')
    return sum(event.name.startswith(begin) for event in profile.events())


def flops_of(work: Callable[[], object]) -> int:
    """Count the floating-point operations of matrix products."""
    with FlopCounterMode(display=False) as counter:
        work()
    return counter.get_total_flops()


def measure(row: Row, batch: int, args: argparse.Namespace) -> str:
    """Return a line of the table."""
    work = work_of(row, batch, args)
    for _ in range(args.warm_up):
        work()
    time_of_step = statistics.median(
        seconds(work) for _ in range(args.repeats)
    )
    memory, calls = peak_memory(work) / 1024, launches(work)
    mfu = '-'
    if args.peak_tflops:
        if row.compiled:  # the counter sees eager operations alone
            del work
            gc.collect()
            work = work_of(
                Row(row.name, row.config, options=row.options), batch, args
            )
            work()
        share = flops_of(work) / time_of_step / args.peak_tflops / 1e12
        mfu = f'{share:.2f}'
    return (
        f'| {row.name} | {batch} | {batch / time_of_step:.0f} | '
        f'{1000 * time_of_step:.1f} | {mfu} | {memory:.1f} | {calls} |\n'
    )


def run_tests() -> str:
    """Run the tests that need a GPU; return pytest's last line."""
    done = subprocess.run(
        [sys.executable, '-m', 'pytest', '-q', '-m', 'gpu', ROOT / 'tests'],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    sys.stderr.write(done.stdout[-8000:])
    return f'GPU tests: {done.stdout.strip().splitlines()[-1]}\n'


def machine() -> str:
    """Name the device and the versions."""
    name = 'CPU'
    if torch.cuda.is_available():
        name = torch.cuda.get_device_name()
    return f'{name}, torch {torch.__version__}'


def main(argv: list[str] | None = None) -> None:
    """Measure, test and write."""
    parser = ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--out', type=Path, required=True, metavar='FILE.md')
    parser.add_argument('--rows', nargs='+', choices=[r.name for r in ROWS])
    parser.add_argument('--amp-dtype', choices=HALF_TYPES)
    parser.add_argument('--peak-tflops', type=float, help='of the MFU')
    parser.add_argument('--repeats', type=int, default=6)
    parser.add_argument('--warm-up', type=int, default=3)
    parser.add_argument('--no-tests', action='store_true')
    parser.add_argument('--tiny', action='store_true', help='a small CLIP')
    args = parser.parse_args(argv)
    args.amp_dtype = half_type(args.amp_dtype)
    if args.peak_tflops is None:
        known = [n for part, n in PEAK_TFLOPS.items() if part in machine()]
        args.peak_tflops = next(iter(known), None)
    init_default_scope('mmaction')
    logging.disable(logging.WARNING)
    start = time.perf_counter()
    text = f'{machine()}, {args.amp_dtype}\n\n{HEADER}'
    for row in ROWS:
        if args.rows and row.name not in args.rows:
            continue
        for batch in (2,) if args.tiny else row.batches:
            text += measure(row, batch, args)
            write_text(args.out, text)  # a limit of time keeps what is done
            print(text.splitlines()[-1], flush=True)
            gc.collect()
            torch._dynamo.reset()
    if not args.no_tests:
        text += f'\n{run_tests()}'
    text += f'\n{time.perf_counter() - start:.0f} s in all.\n'
    write_text(args.out, text)


if __name__ == '__main__':
    run(main)
