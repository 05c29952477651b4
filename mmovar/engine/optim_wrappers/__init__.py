"""Ways to step, registered in MMAction2's ``OPTIM_WRAPPERS``."""

from .cross_batch_meta import (
    CrossBatchMetaAmpOptimWrapper,
    CrossBatchMetaOptimWrapper,
)
from .default_constructor import DefaultOptimWrapperConstructor
from .flat_decay import FlatDecayConstructor

__all__ = [
    'CrossBatchMetaAmpOptimWrapper',
    'CrossBatchMetaOptimWrapper',
    'DefaultOptimWrapperConstructor',
    'FlatDecayConstructor',
]
