"""MMEngine's way to build an optimizer, for steps of few kernels."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from mmaction.registry import OPTIM_WRAPPER_CONSTRUCTORS
from mmengine.logging import MMLogger, print_log
from mmengine.optim import DefaultOptimWrapperConstructor as _Default
from torch import nn

from .merged_groups import WAYS, Group, merge_groups

_FUSED = ('Adam', 'AdamW', torch.optim.Adam, torch.optim.AdamW)


@OPTIM_WRAPPER_CONSTRUCTORS.register_module()
class DefaultOptimWrapperConstructor(_Default):
    """MMEngine's constructor, with few groups and fused steps.

    It has the name of the host's, so that every config gets it. Learning
    rate and weight decay of each parameter are those of the host.

    - Parameters of equal settings are one group, of which the log tells; the
      host's ``paramwise_cfg`` makes a group of each.
    - Adam and AdamW are fused, on any device, unless the config says how they
      compute: ``fused``, ``foreach`` or ``differentiable``.

    Args:
        args: As of the host's.
        kwargs: As of the host's.
    """

    optimizer_cfg: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        config = self.optimizer_cfg
        if config.get('type') in _FUSED and not any(k in config for k in WAYS):
            self.optimizer_cfg = dict(config, fused=True)

    def add_params(
        self,
        params: list[Group],
        module: nn.Module,
        prefix: str = '',
        **kwargs: Any,
    ) -> None:
        """Add the groups of a module.

        Args:
            params: Groups, which are added to.
            module: The module.
            prefix: Its name in the model; the model itself has none.
            kwargs: As of the host's.
        """
        if prefix:
            super().add_params(params, module, prefix, **kwargs)
            return
        with _silence():  # it has a line for each parameter
            super().add_params(params, module, **kwargs)
        common = dict(lr=self.base_lr, weight_decay=self.base_wd)
        common = {k: v for k, v in common.items() if v is not None}
        params[:] = merge_groups(
            [self.refine({**common, **group}) for group in params]
        )
        for group in params:
            rest = {k: v for k, v in group.items() if k != 'params'}
            print_log(f'{len(group["params"])} parameters: {rest}', 'current')

    def refine(self, group: Group) -> Group:
        """Return the group of one parameter as it shall be."""
        return group


@contextmanager
def _silence() -> Iterator[None]:
    logger = MMLogger.get_current_instance()

    def drop(record: Any) -> bool:
        return False

    logger.addFilter(drop)
    try:
        yield
    finally:
        logger.removeFilter(drop)
