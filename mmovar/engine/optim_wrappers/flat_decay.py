"""No weight decay for flat parameters, whatever their learning rate."""

from mmaction.registry import OPTIM_WRAPPER_CONSTRUCTORS

from .default_constructor import DefaultOptimWrapperConstructor
from .merged_groups import Group


@OPTIM_WRAPPER_CONSTRUCTORS.register_module()
class FlatDecayConstructor(DefaultOptimWrapperConstructor):
    """The default constructor, with ``flat_decay_mult`` for all parameters.

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

    def refine(self, group: Group) -> Group:
        """Return the group of one parameter with its decay."""
        if group['params'][0].ndim == 1 and 'decay_mult' not in group:
            decay = self.base_wd * self.paramwise_cfg['flat_decay_mult']
            return dict(group, weight_decay=decay)
        return group
