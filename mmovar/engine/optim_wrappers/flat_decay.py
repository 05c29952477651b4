"""No weight decay for flat parameters, whatever their learning rate."""

from typing import Any

from mmaction.registry import OPTIM_WRAPPER_CONSTRUCTORS
from mmengine.optim import DefaultOptimWrapperConstructor
from torch import nn


@OPTIM_WRAPPER_CONSTRUCTORS.register_module()
class FlatDecayConstructor(DefaultOptimWrapperConstructor):
    """MMEngine's constructor, with ``flat_decay_mult`` for all parameters.

    MMEngine leaves out those that ``custom_keys`` name, so a group with a
    learning rate of its own would decay its norms and biases. Here flat
    parameters (one dimension: biases and norms) take ``flat_decay_mult``
    unless their custom key has a ``decay_mult`` itself.

    Source: the parameter groups of X-CLIP's release.

    Args:
        args: As ``DefaultOptimWrapperConstructor``.
        kwargs: As ``DefaultOptimWrapperConstructor``.

    Raises:
        ValueError: If ``paramwise_cfg`` has no ``flat_decay_mult``, or the
            optimizer no ``weight_decay``.
    """

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if 'flat_decay_mult' not in self.paramwise_cfg or not self.base_wd:
            raise ValueError(
                'FlatDecayConstructor needs paramwise_cfg.flat_decay_mult and '
                f'optimizer.weight_decay, got {self.paramwise_cfg} and '
                f'{self.base_wd}'
            )

    def add_params(
        self,
        params: list[dict[str, Any]],
        module: nn.Module,
        prefix: str = '',
        **kwargs,
    ) -> None:
        """Add a group for each parameter of a module.

        Args:
            params: Groups, which are added to.
            module: The module.
            prefix: Its name in the model.
            kwargs: Of ``DefaultOptimWrapperConstructor``.
        """
        super().add_params(params, module, prefix=prefix, **kwargs)
        decay = self.base_wd * self.paramwise_cfg['flat_decay_mult']
        for group in params:
            if group['params'][0].ndim == 1 and 'decay_mult' not in group:
                group['weight_decay'] = decay
