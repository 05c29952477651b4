"""Count the calls of a training step: what a GPU would launch.

    python tools/profiling/calls.py CONFIG ... [--top 10]

Without a GPU this counts the ATen operations that compute something (no views,
no allocations) of a CLIP of 12 + 12 layers of width 64 among 400 names, 8
videos a step, text as on a GPU: as many as with the full width. On a GPU a
batch that is computed by fewer, larger operations makes a small step fast.
"""

import argparse
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mmengine.registry import init_default_scope
from steps import training_step
from torch.utils._python_dispatch import TorchDispatchMode

from mmovar.apis import load_config
from mmovar.clip import TextTransformer
from mmovar.command_line import ArgumentParser, run

SMALL_CLIP = dict(
    embed_dim=64,
    quick_gelu=True,
    vision_cfg=dict(
        image_size=64, layers=12, width=64, head_width=16, patch_size=8
    ),
    text_cfg=dict(
        context_length=77, vocab_size=49408, width=64, heads=4, layers=12
    ),
)
"""As deep as ViT-B/16, and fast on a CPU."""

_COMPUTES_NOTHING = {
    '_local_scalar_dense',
    '_unsafe_view',
    'empty',
    'empty_like',
    'empty_strided',
    'is_same_size',
    'new_empty',
    'new_empty_strided',
}


class CallCounter(TorchDispatchMode):
    """Counts ATen operations by name while it is entered."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: Counter[str] = Counter()

    def __torch_dispatch__(
        self,
        func: Any,
        types: Sequence[type],
        args: tuple = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Count an operation and do it."""
        name = func.overloadpacket.__name__
        silent = func.is_view or func.namespace == 'profiler'
        if not silent and name not in _COMPUTES_NOTHING:
            self.calls[name] += 1
        return func(*args, **(kwargs or {}))


def count_calls(step: Callable[[], object]) -> Counter[str]:
    """Count the calls of a step, after one that warms up.

    Returns:
        Name of an operation that computes something to its calls.
    """
    step()
    with CallCounter() as counter:
        step()
    return counter.calls


def step_of(
    config: Any, videos: int = 8, frames: int = 8
) -> Callable[[], object]:
    """Return a training step of a config with the small CLIP.

    Args:
        config: A config of a ``CLIPRecognizer``; changed in place.
        videos: Of a step; a meta step shares them between its two batches.
        frames: Of a clip.
    """
    config.model.arch = SMALL_CLIP
    meta = 'Meta' in config.optim_wrapper.get('type', '')
    args = argparse.Namespace(
        batch_size=videos // 2 if meta else videos, num_frames=frames
    )
    return training_step(config, args)[0]


def main(argv: list[str] | None = None) -> None:
    """Count and print."""
    from mmovar.apis.option_values import DictAction

    parser = ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('configs', nargs='+')
    parser.add_argument('--videos', type=int, default=8, help='of a step')
    parser.add_argument('--num-frames', type=int, default=8)
    parser.add_argument('--top', type=int, default=10, help='most frequent')
    parser.add_argument('--cfg-options', nargs='+', action=DictAction)
    args = parser.parse_args(argv)
    init_default_scope('mmaction')
    TextTransformer.strategy = 'padded'  # a CPU would take it by length
    logging.disable(logging.WARNING)
    for path in args.configs:
        config = load_config(path, args.cfg_options)
        calls = count_calls(step_of(config, args.videos, args.num_frames))
        top = ', '.join(f'{k} {n}' for k, n in calls.most_common(args.top))
        print(f'{path}: {calls.total()} ({top})', flush=True)


if __name__ == '__main__':
    run(main)
