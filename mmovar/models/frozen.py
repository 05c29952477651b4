"""A module that stands beside a model without being part of it."""

from typing import Any, Generic, TypeVar

import torch
from torch import nn

Module = TypeVar('Module', bound=nn.Module)


class Frozen(Generic[Module]):
    """Keep a frozen module out of the model that uses it.

    It is in evaluation mode for good, neither among the parameters nor in
    the state dict of its user, and copies of the user (weight averages) share
    it instead of copying it. It moves to the device where it is needed. Users
    run it under ``torch.no_grad()``.

    Args:
        module: The module; it is changed in place.
    """

    def __init__(self, module: Module) -> None:
        self._module = module.eval()

    def on(self, device: torch.device) -> Module:
        """Return the module on a device."""
        if next(self._module.parameters()).device != device:
            self._module.to(device)
        return self._module

    def __deepcopy__(self, memo: dict[int, Any]) -> 'Frozen':
        return self
