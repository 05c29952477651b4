"""What the loops of mmovar add to the config of a dataloader."""

from collections.abc import Mapping
from typing import Any

import torch
from mmengine.runner import Runner

from ..interfaces import TakesStackedClips
from ..run_options import fill_options
from ..unwrap_model import unwrap_model


def loader_config(
    dataloader: Mapping[str, Any], runner: Runner
) -> dict[str, Any]:
    """Fill in options; let workers stack clips, and pin them for a GPU.

    ``collate_fn`` and ``pin_memory`` of the config come first, and other
    models than those that take stacked clips get them as MMEngine does it.

    Args:
        dataloader: Of a config.
        runner: Of the run.
    """
    filled = fill_options(dict(dataloader), runner.cfg)
    model = unwrap_model(getattr(runner, 'model', None))
    if not isinstance(
        getattr(model, 'data_preprocessor', None), TakesStackedClips
    ):
        return filled
    return (
        dict(
            collate_fn=dict(type='stack_clips'),
            pin_memory=torch.cuda.is_available(),
        )
        | filled
    )
