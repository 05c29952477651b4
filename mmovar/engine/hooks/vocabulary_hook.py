"""Class names have one owner: the dataset."""

from mmaction.registry import HOOKS
from mmengine.hooks import Hook
from mmengine.runner import Runner

from ..unwrap_model import unwrap_model


@HOOKS.register_module()
class VocabularyHook(Hook):
    """Give the model the class names of the data it is about to see.

    Before each training, validation or test epoch the hook calls
    ``model.set_vocabulary`` with ``metainfo['classes']`` of the dataset, if
    the model has another vocabulary; after a validation it puts back the one
    from before. So one model is trained on some classes and tested on others
    without a word in its config. Models without ``set_vocabulary`` and data
    without class names are left alone.
    """

    def __init__(self) -> None:
        self._replaced = None

    def before_train_epoch(self, runner: Runner) -> None:
        """Set the class names of the training data."""
        self._set(runner, _classnames(runner.train_loop))

    def before_val_epoch(self, runner: Runner) -> None:
        """Set the class names of the validation data."""
        self._replaced = getattr(
            unwrap_model(runner.model), 'classnames', None
        )
        self._set(runner, _classnames(runner.val_loop))

    def after_val_epoch(
        self, runner: Runner, metrics: dict[str, float] | None = None
    ) -> None:
        """Put back the class names from before the validation."""
        self._set(runner, self._replaced)

    def before_test_epoch(self, runner: Runner) -> None:
        """Set the class names of the test data."""
        self._set(runner, _classnames(runner.test_loop))

    @staticmethod
    def _set(runner: Runner, classnames: tuple[str, ...] | None) -> None:
        """Call ``set_vocabulary`` if it would change anything."""
        model = unwrap_model(runner.model)
        if not classnames or not hasattr(model, 'set_vocabulary'):
            return
        if tuple(classnames) != tuple(model.classnames or ()):
            model.set_vocabulary(classnames)


def _classnames(loop) -> tuple[str, ...] | None:
    """Return the class names of the data that a loop reads, if it has any."""
    metainfo = getattr(loop.dataloader.dataset, 'metainfo', None) or {}
    return metainfo.get('classes')
