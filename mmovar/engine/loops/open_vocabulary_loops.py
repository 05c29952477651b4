"""MMEngine's loops over data that the options of a config choose."""

from collections.abc import Mapping
from typing import Any

from mmaction.registry import LOOPS
from mmengine.runner import EpochBasedTrainLoop, Runner, ValLoop

from ..run_options import fill_options


class _FillsOptions:
    """Fill ``'{shots}'`` and the like before the data set is built."""

    def __init__(
        self, runner: Runner, dataloader: Any, *args: Any, **kwargs: Any
    ) -> None:
        if isinstance(dataloader, Mapping):
            dataloader = fill_options(dataloader, runner.cfg)
        super().__init__(runner, dataloader, *args, **kwargs)


@LOOPS.register_module()
class OpenVocabularyTrainLoop(_FillsOptions, EpochBasedTrainLoop):
    """``EpochBasedTrainLoop`` that fills in options, see `fill_options`."""


@LOOPS.register_module()
class OpenVocabularyValLoop(_FillsOptions, ValLoop):
    """``ValLoop`` that fills in options, see `fill_options`."""
