"""Keep a work dir to one training."""

from contextlib import ExitStack

from mmaction.registry import HOOKS
from mmengine.dist import master_only
from mmengine.hooks import Hook
from mmengine.runner import Runner

from mmovar.one_process import one_process

from ..end_with_agent import end_with_agent


@HOOKS.register_module()
class WorkDirLockHook(Hook):
    """Refuse to train where another process trains; ranks end with torchrun.

    Two trainings in one work dir overwrite each other's checkpoints without
    a word. ``tools/train.py`` asks earlier, before it writes a log; this hook
    is for other launchers, such as MMAction2's own. Tests do not lock.

    Raises:
        RuntimeError: Before the first epoch, see :func:`one_process`.
    """

    priority = 'VERY_HIGH'

    def __init__(self) -> None:
        self._lock = ExitStack()

    def before_run(self, runner: Runner) -> None:
        """Let the rank end with the agent that started it."""
        end_with_agent()

    @master_only
    def before_train(self, runner: Runner) -> None:
        """Lock the work dir."""
        self._lock.enter_context(one_process(runner.work_dir, 'training'))

    def after_run(self, runner: Runner) -> None:
        """Let others train there."""
        self._lock.close()
