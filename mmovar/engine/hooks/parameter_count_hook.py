"""Say at the start what is trained."""

from collections.abc import Iterable

from mmaction.registry import HOOKS
from mmengine.hooks import Hook
from mmengine.runner import Runner
from torch import nn

from ..unwrap_model import unwrap_model

Counts = dict[str, list[int]]


@HOOKS.register_module()
class ParameterCountHook(Hook):
    """Log the parameters of each part of the model, before training.

    One table: part, how many of its parameters are tuned, how many it has;
    the last line is their sum. Shared parameters count once.

    Args:
        depth: Words of a name that make a part: with 2,
            ``cls_head.text_encoder`` is one.

    Raises:
        ValueError: If ``depth`` is less than 1.
    """

    def __init__(self, depth: int = 2) -> None:
        if depth < 1:
            raise ValueError(f'depth must be 1 or more, got {depth}')
        self.depth = depth

    def before_train(self, runner: Runner) -> None:
        """Log the table."""
        model = unwrap_model(runner.model)
        counts = count_parameters(model.named_parameters(), self.depth)
        runner.logger.info('parameters\n%s', _table(counts))


def count_parameters(
    parameters: Iterable[tuple[str, nn.Parameter]], depth: int
) -> Counts:
    """Count parameters by the first words of their names.

    Args:
        parameters: Names and parameters.
        depth: How many words of a name to read.

    Returns:
        Part to the number of its tuned parameters and of all its parameters.
    """
    counts: Counts = {}
    for name, parameter in parameters:
        part = '.'.join(name.split('.')[:depth])
        row = counts.setdefault(part, [0, 0])
        row[0] += parameter.numel() if parameter.requires_grad else 0
        row[1] += parameter.numel()
    return counts


def _table(counts: Counts) -> str:
    total = [sum(row[i] for row in counts.values()) for i in (0, 1)]
    rows = [*counts.items(), ('sum', total)]
    width = max(len(part) for part, _ in rows)
    lines = [f'{"part":<{width}}{"tuned":>14}{"all":>14}']
    lines += [
        f'{part:<{width}}{tuned:>14,}{number:>14,}'
        for part, (tuned, number) in rows
    ]
    return '\n'.join(lines)
