"""Measure what near-ties of TC-CLIP's matching do to predictions.

python tools/profiling/near_ties.py CONFIG CHECKPOINT [--videos 100]

Each video (of the first test, if there are several) is predicted as it is
and after a change of its pixels far below what a camera resolves. Where the
clusters of a layer are others than before, the change of the logits is that
of a flipped near-tie; elsewhere it is rounding.
"""

import argparse
import copy

import torch
from mmaction.registry import DATASETS
from mmengine.dataset import pseudo_collate
from torch import Tensor

from mmovar.apis import init_recognizer
from mmovar.command_line import ArgumentParser, run
from mmovar.engine.loops.test_sets import datasets_of


@torch.no_grad()
def change(
    model: torch.nn.Module, data: dict, relative: float, seed: int
) -> tuple[bool, float, bool]:
    """Predict one video twice.

    Args:
        model: A recognizer in evaluation mode, on a ``TCCLIPViT``.
        data: One preprocessed video, ``inputs`` (1, V, 3, T, H, W) and
            ``data_samples``.
        relative: Size of the change, a share of each pixel.
        seed: Of the change.

    Returns:
        Whether a layer has other clusters, the largest change of a logit,
        and whether the best class changed.
    """
    inputs = data['inputs']
    noise = torch.Generator().manual_seed(seed)
    noise = torch.randn(inputs.shape, generator=noise).to(inputs)
    sources, scores = [], []
    for x in inputs, inputs * (1 + relative * noise):
        sources.append(_sources(model, x))
        samples = copy.deepcopy(data['data_samples'])
        (sample,) = model(x, samples, mode='predict')
        scores.append(sample.pred_score)
    before, after = scores
    return (
        not torch.equal(*sources),
        (before - after).abs().max().item(),
        bool(before.argmax() != after.argmax()),
    )


def _sources(model: torch.nn.Module, inputs: Tensor) -> Tensor:
    traces = model.backbone.trace(inputs.flatten(0, 1))
    return torch.stack([trace.source for trace in traces])


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('config')
    parser.add_argument('checkpoint', nargs='?')
    parser.add_argument('--videos', type=int, default=100)
    parser.add_argument('--relative', type=float, default=1e-6)
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    """Measure and print."""
    args = parse_args(argv)
    model = init_recognizer(args.config, args.checkpoint)
    first, *_ = datasets_of(model.cfg).values()
    dataset = DATASETS.build(first)
    videos = min(args.videos, len(dataset))
    step = len(dataset) // videos
    changes = []
    for i in range(videos):
        data = pseudo_collate([dataset[i * step]])
        data = model.data_preprocessor(data, training=False)
        changes.append(change(model, data, args.relative, seed=i))
    flipped = [c for c in changes if c[0]]
    print(
        f'{videos} videos, relative change {args.relative}: clusters of '
        f'{len(flipped)} changed, best class of {sum(c[2] for c in changes)}'
    )
    for name, group in (
        ('changed', flipped),
        ('unchanged', [c for c in changes if not c[0]]),
    ):
        sizes = sorted(c[1] for c in group)
        if sizes:
            print(
                f'largest change of a logit, clusters {name}: median '
                f'{sizes[len(sizes) // 2]:.2g}, max {sizes[-1]:.2g}'
            )


if __name__ == '__main__':
    run(main)
