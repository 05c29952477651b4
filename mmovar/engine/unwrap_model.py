"""Models behind the wrapper of distributed training."""

from mmengine.model import is_model_wrapper
from torch import nn


def unwrap_model(model: nn.Module) -> nn.Module:
    """Return the model that a wrapper such as DDP holds, or the model."""
    return model.module if is_model_wrapper(model) else model
