"""Count what is trained, at the start."""

from collections import Counter

from mmaction.registry import HOOKS
from mmengine.hooks import Hook
from mmengine.runner import Runner

from ..unwrap_model import unwrap_model


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
        tuned: Counter[str] = Counter()
        every: Counter[str] = Counter()
        for name, parameter in unwrap_model(runner.model).named_parameters():
            part = '.'.join(name.split('.')[: self.depth])
            for key in (part, 'sum'):
                every[key] += parameter.numel()
                tuned[key] += parameter.requires_grad * parameter.numel()
        every['sum'] = every.pop('sum')  # the last line
        width = max(map(len, every))
        lines = [f'{"part":<{width}}{"tuned":>14}{"all":>14}']
        lines += [
            f'{part:<{width}}{tuned[part]:>14,}{number:>14,}'
            for part, number in every.items()
        ]
        runner.logger.info('parameters\n%s', '\n'.join(lines))
