"""Weights of a checkpoint fit, or they are not loaded."""

from collections.abc import Collection
from typing import Any

from mmengine.model import BaseModel
from torch import Tensor

from mmovar.clip.fit import describe_misfits


class CheckedLoading(BaseModel):
    """A model that refuses a checkpoint of another model.

    MMEngine loads what fits of a checkpoint and logs the rest, in all tools
    of MMAction2; this model raises instead. PyTorch's own ``load_state_dict``
    has ``strict`` to say what it wants, and is left alone.

    Raises:
        ValueError: While a checkpoint is loaded, if something is missing,
            unexpected or of another shape.
    """

    starts_training = False
    """Whether what is loaded is where a training starts."""
    _lenient = False
    _errors: list[str] | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.register_load_state_dict_post_hook(_require_fit)

    def may_differ(self, missing_keys: Collection[str]) -> tuple[str, ...]:
        """Declare what a checkpoint may lack, or have beside.

        Args:
            missing_keys: What it lacks.

        Returns:
            Beginnings of names.
        """
        return ()

    def init_weights(self) -> None:
        """Note that a training starts: MMEngine says so before it loads."""
        self.starts_training = True

    def load_state_dict(self, *args: Any, **kwargs: Any) -> Any:
        """Load as PyTorch does."""
        self._lenient = True
        try:
            return super().load_state_dict(*args, **kwargs)
        finally:
            self._lenient = False

    def _load_from_state_dict(
        self, state_dict: dict[str, Tensor], prefix: str, *args: Any
    ) -> None:
        super()._load_from_state_dict(state_dict, prefix, *args)
        # of other shapes PyTorch tells here only, in the list that it fills
        self._errors = None if self._lenient or prefix else args[-1]


def _require_fit(model: CheckedLoading, keys: Any) -> None:
    errors, model._errors = model._errors, None
    if errors is None:
        return
    declared = model.may_differ(keys.missing_keys)
    problems = describe_misfits(
        [k for k in keys.missing_keys if not k.startswith(declared)],
        [k for k in keys.unexpected_keys if not k.startswith(declared)],
        [e.partition('size mismatch for ')[2].split(':')[0] for e in errors],
    )
    if problems:
        raise ValueError(
            f'the checkpoint is not of this {type(model).__name__}: '
            f'{problems}. Take the config that it was trained with; '
            '--allow-missing PATTERN leaves weights as the config makes them; '
            'released files go through tools/convert_weights.py'
        )
