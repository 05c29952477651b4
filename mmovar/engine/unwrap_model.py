"""Models behind the wrapper of distributed training."""

from typing import Any

from mmengine.model import BaseModel, is_model_wrapper


def unwrap_model(model: Any) -> BaseModel:
    """Return the model that a wrapper such as DDP holds, or the model."""
    return model.module if is_model_wrapper(model) else model
