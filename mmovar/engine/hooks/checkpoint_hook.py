"""Checkpoints that a kill at any moment leaves whole."""

import os
import re
from pathlib import Path
from typing import Any

from mmaction.registry import HOOKS
from mmengine.dist import is_main_process, master_only
from mmengine.hooks import CheckpointHook as _CheckpointHook
from mmengine.optim import OptimWrapper
from mmengine.runner import EpochBasedTrainLoop, IterBasedTrainLoop, Runner

from mmovar.atomic_write import write_text

from ..newest_checkpoint import LAST
from ..optim_wrappers.merged_groups import fit_groups

VALIDATED = 'validated'
"""Epoch (or iteration) of the last validation, in the message hub."""


@HOOKS.register_module()
class CheckpointHook(_CheckpointHook):
    """MMEngine's ``CheckpointHook``, for runs that may die at any moment.

    It has the name of the host's, so that every config gets it. A resumed run
    ends with the checkpoints, and the best of them, of an uninterrupted one:

    - A checkpoint is written before its epoch is validated. Who resumes from
      it validates first, unless its message hub has the result.
    - What is outdated is removed when its successor is on the disk. Of each
      ``save_best`` there is one file.
    - ``last_checkpoint`` names a file from its own folder on, so that a run
      may be copied or moved.

    Each file appears when it is whole, see
    :class:`mmovar.engine.file_backend.AtomicLocalBackend`. The arguments are
    those of the host. The optimizer resumes whatever its groups were, see
    :func:`mmovar.engine.optim_wrappers.merged_groups.fit_groups`.
    """

    def after_load_checkpoint(
        self, runner: Runner, checkpoint: dict[str, Any]
    ) -> None:
        """Let the optimizer's state fit, whoever grouped its parameters."""
        if isinstance(runner.optim_wrapper, OptimWrapper) and (
            'optimizer' in checkpoint
        ):
            fit_groups(checkpoint, runner.optim_wrapper.optimizer)

    def before_train(self, runner: Runner) -> None:
        """Validate what a killed run did not come to."""
        super().before_train(runner)
        if runner.iter == 0:
            return
        hub = runner.message_hub
        if self.max_keep_ckpts > 0:
            hub.update_info('keep_ckpt_ids', list(self.keep_ckpt_ids))
        for key in ('last_ckpt', *self._best_keys()):
            if hub.get_info(key):  # which may be of the folder before a move
                name = os.path.basename(hub.get_info(key))
                hub.update_info(key, self._path(name))
        self.last_ckpt = hub.get_info('last_ckpt')
        self._set_bests(map(hub.get_info, self._best_keys()))
        if _validation_is_due(runner):
            runner.logger.info('the checkpoint has no result: validating it')
            hub.update_info('iter', runner.iter - 1)  # as an epoch ends
            if isinstance(runner.train_loop, EpochBasedTrainLoop):
                hub.update_info('epoch', runner.epoch - 1)
            runner.val_loop.run()
        self._remove_other_bests(runner)

    def after_val_epoch(
        self, runner: Runner, metrics: dict[str, float] | None = None
    ) -> None:
        """Note that there is a result, and keep the weights if they are best.

        Args:
            runner: Of the run.
            metrics: The result.
        """
        runner.message_hub.update_info(VALIDATED, _step(runner))
        super().after_val_epoch(runner, metrics)

    def _save_checkpoint_with_step(
        self, runner: Runner, step: int, meta: dict[str, Any]
    ) -> None:
        """Save, name it in ``last_checkpoint``, then remove the outdated."""
        hub = runner.message_hub
        outdated = None
        if self.max_keep_ckpts > 0 and step not in self.keep_ckpt_ids:
            kept = self.keep_ckpt_ids
            outdated = kept[0] if len(kept) == kept.maxlen else None
            # with the outdated, which a resumed run may have to remove
            hub.update_info('keep_ckpt_ids', [*kept, step])
            kept.append(step)
        name = self.filename_tmpl.format(step)
        self.last_ckpt = self._path(name)
        hub.update_info('last_ckpt', self.last_ckpt)
        runner.save_checkpoint(
            self.out_dir,
            name,
            self.file_client_args,
            save_optimizer=self.save_optimizer,
            save_param_scheduler=self.save_param_scheduler,
            meta=meta,
            by_epoch=self.by_epoch,
            backend_args=self.backend_args,
            **self.args,
        )
        if is_main_process():
            named = self.last_ckpt
            if '://' not in named:
                named = os.path.relpath(named, runner.work_dir)
            write_text(Path(runner.work_dir) / LAST, named)
        if outdated is not None:
            hub.update_info('keep_ckpt_ids', list(self.keep_ckpt_ids))
            self._remove(self.filename_tmpl.format(outdated))

    def _save_best_checkpoint(
        self, runner: Runner, metrics: dict[str, float]
    ) -> None:
        """Save the best; the one before goes when it is on the disk."""
        if not self.save_best:
            return
        hub = runner.message_hub
        self._set_bests(None for _ in self._best_keys())  # or they go now
        super()._save_best_checkpoint(runner, metrics)
        self._set_bests(map(hub.get_info, self._best_keys()))
        self._remove_other_bests(runner)

    def _best_keys(self) -> dict[str, str]:
        """Map what the message hub calls a best file to its indicator."""
        if not self.save_best:
            return {}
        if len(self.key_indicators) == 1:
            return {'best_ckpt': self.key_indicators[0]}
        return {f'best_ckpt_{key}': key for key in self.key_indicators}

    def _set_bests(self, paths: Any) -> None:
        if not self.save_best:
            return
        if len(self.key_indicators) == 1:
            (self.best_ckpt_path,) = paths
        else:
            self.best_ckpt_path_dict = dict(
                zip(self.key_indicators, paths, strict=True)
            )

    def _remove_other_bests(self, runner: Runner) -> None:
        """Leave one file of each ``save_best``, once it is there."""
        for key, indicator in self._best_keys().items():
            best = runner.message_hub.get_info(key)
            if not best or not self.file_backend.exists(best):
                continue
            name = f'best_{indicator}_{self.filename_tmpl}'.replace('/', '_')
            pattern = re.sub(r'\\\{.*?\\\}', r'\\d+', re.escape(name))
            for other in self.file_backend.list_dir_or_file(self.out_dir):
                if other == os.path.basename(best):
                    continue
                if re.fullmatch(pattern, other):
                    self._remove(other)

    @master_only
    def _remove(self, name: str) -> None:
        path = self._path(name)
        if self.file_backend.isfile(path):
            self.file_backend.remove(path)
        elif self.file_backend.isdir(path):  # of DeepSpeed
            self.file_backend.rmtree(path)

    def _path(self, name: str) -> str:
        return self.file_backend.join_path(self.out_dir, name)


def _step(runner: Runner) -> int:
    by_iter = isinstance(runner._train_loop, IterBasedTrainLoop)
    return runner.iter if by_iter else runner.epoch


def _validation_is_due(runner: Runner) -> bool:
    """Ask what the loop asks at the end of an epoch."""
    loop, step = runner.train_loop, _step(runner)
    if runner.val_loop is None or not isinstance(
        loop, (EpochBasedTrainLoop, IterBasedTrainLoop)
    ):
        return False
    loop._decide_current_val_interval()
    by_iter = isinstance(loop, IterBasedTrainLoop)
    end = loop.max_iters if by_iter else loop.max_epochs
    return (
        runner.message_hub.get_info(VALIDATED) != step
        and step >= loop.val_begin
        and (step % loop.val_interval == 0 or step == end)
    )
