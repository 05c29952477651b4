"""Let ``load_from`` take released files as they are."""

from pathlib import Path
from typing import Any

from mmengine.config import Config
from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmengine.runner.checkpoint import CheckpointLoader, load_state_dict
from torch import nn

from mmovar.clip.weight_files import read_weight_file
from mmovar.engine.unwrap_model import unwrap_model

from . import (
    FORMATS,
    Conversion,
    absent_parts,
    group_of,
    recognise,
    require_fit,
    unwrap,
)
from .files import as_checkpoint, convert_file

PREFIX = 'released:'
"""In front of a path, says that the file is converted when it is read."""


@CheckpointLoader.register_scheme(prefixes=PREFIX, force=True)
def load_released_checkpoint(
    filename: str, map_location: Any = None
) -> dict[str, Any]:
    """Convert a released file to what MMEngine reads.

    Args:
        filename: :data:`PREFIX` and a path.
        map_location: Unused: weights are read to the CPU.

    Returns:
        A checkpoint.
    """
    return as_checkpoint(convert_file(filename.removeprefix(PREFIX)))


def is_released(path: str | Path) -> bool:
    """Tell whether a file holds weights of a release, by its keys.

    Files of this project and of MMAction2, and what is no file of weights,
    are none.
    """
    if not Path(path).is_file():
        return False
    try:
        names = unwrap(read_weight_file(path, skip_foreign=True, lazy=True))[0]
    except ValueError:
        return False
    return recognise(names) is not None


def mark_released(path: str | Path) -> str:
    """Put :data:`PREFIX` in front of the path of a released file."""
    return f'{PREFIX}{path}' if is_released(path) else str(path)


def accept_released(config: Config) -> None:
    """Let the ``load_from`` of a config be a released file."""
    if config.get('load_from') and not config.get('resume'):
        config.load_from = mark_released(config.load_from)


class FitReleased(Hook):
    """Refuse released weights of another model than the config's.

    MMEngine loads what fits and logs the rest. Parts of CLIP that a release
    does not contain, such as the token table of ViFi-CLIP, stay those of the
    model's ``weights``.
    """

    priority = 'VERY_HIGH'  # before weights are patched

    def after_load_checkpoint(
        self, runner: Runner, checkpoint: dict[str, Any]
    ) -> None:
        """Check and complete the weights of a released checkpoint."""
        fit_released(unwrap_model(runner.model), checkpoint)


def fit_released(model: nn.Module, checkpoint: dict[str, Any]) -> None:
    """Check converted weights against a model, and complete them from it.

    Args:
        model: Built by a config.
        checkpoint: Its ``state_dict`` is completed. Checkpoints of other
            origin are left alone.

    Raises:
        ValueError: If they do not fit, or lack what the model was built
            without.
    """
    label = (checkpoint.get('meta') or {}).get('released')
    if label is None:
        return
    own = model.state_dict()
    found = dict(checkpoint['state_dict'])
    conversion = Conversion(FORMATS[label['format']], found)
    absent = absent_parts(conversion, own)
    if absent and getattr(model, 'weights', None) is None:
        raise ValueError(
            f'released {label["format"]} weights lack the {sorted(absent)} of '
            'CLIP: set model.weights of the config to the CLIP file they '
            'were tuned from'
        )
    shapes = {k: tuple(v.shape) for k, v in own.items()}
    require_fit(conversion, shapes, 'released weights', may_lack=absent)
    found.update({n: own[n] for n in own if group_of(n) in absent})
    checkpoint['state_dict'] = found


def load_into(model: nn.Module, path: str | Path) -> dict[str, Any]:
    """Load a checkpoint, or a released file, into a built model.

    Args:
        model: Built by a config.
        path: A file.

    Returns:
        The checkpoint.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is a released file that does not fit.
    """
    checkpoint = CheckpointLoader.load_checkpoint(
        mark_released(path), 'cpu', logger=None
    )
    fit_released(model, checkpoint)
    load_state_dict(model, checkpoint.get('state_dict', checkpoint))
    return checkpoint
