"""``compile=True`` of a config compiles the blocks of the towers."""

from typing import Any

import torch
from mmaction.registry import HOOKS
from mmengine.hooks import Hook
from mmengine.runner import Runner
from torch import nn

from mmovar.clip import BlockWeights

_GRAPHS = 64  # torch gives up at 8: towers, rows, batch sizes, train and test


def compile_blocks(model: nn.Module, **options: Any) -> int:
    """Compile each block of a model's towers in place.

    Args:
        model: With any number of them.
        options: Of ``torch.compile``.

    Returns:
        How many there are.
    """
    blocks = [m for m in model.modules() if isinstance(m, BlockWeights)]
    limits = torch._dynamo.config
    limits.recompile_limit = max(limits.recompile_limit, _GRAPHS)
    for block in blocks:
        block.compile(**options)
    return len(blocks)


@HOOKS.register_module()
class CompileHook(Hook):
    """Compile each block of a model's towers, for training and testing.

    MMEngine's ``compile`` wraps the whole ``train_step``, optimizer included;
    the loop of Open-MeDe never calls it, and testing stays as it is. A block
    has no graph break, and the blocks of a tower share two graphs (up to four
    with prompts in them): the last one computes fewer rows. So this hook does
    it instead, in place: names of weights stay, and copies of the model are
    not compiled. Text that skips the prefix that its classes share runs parts
    of blocks, which stay as they are.

    The config says ``compile=True``, or a dict of arguments of
    ``torch.compile`` such as ``dict(mode='max-autotune-no-cudagraphs')``.
    A model without such blocks is left to MMEngine.
    """

    def __init__(self) -> None:
        self._options: Any = None

    def before_run(self, runner: Runner) -> None:
        """Compile, and hide the option from MMEngine's runner."""
        options = runner.cfg.get('compile')
        if not options:
            return
        count = compile_blocks(
            runner.model, **({} if options is True else options)
        )
        if not count:
            return
        self._options = runner.cfg.pop('compile')
        runner.logger.info(
            f'{count} blocks are compiled; the first steps take minutes'
        )

    def before_train(self, runner: Runner) -> None:
        """Show the option again: checkpoints keep the config."""
        if self._options:
            runner.cfg.compile = self._options

    before_val = before_test = before_train
