"""Ways to step, registered in MMAction2's ``OPTIM_WRAPPERS``."""

from .cross_batch_meta import (
    CrossBatchMetaAmpOptimWrapper,
    CrossBatchMetaOptimWrapper,
)

__all__ = ['CrossBatchMetaAmpOptimWrapper', 'CrossBatchMetaOptimWrapper']
