"""Class names have one owner: the dataset."""

from mmaction.registry import HOOKS
from mmengine.hooks import Hook
from mmengine.runner import BaseLoop, Runner

from ..interfaces import OpenVocabularyModel
from ..unwrap_model import unwrap_model


@HOOKS.register_module()
class VocabularyHook(Hook):
    """Give the model the class names of the data of each phase.

    Before each training, validation or test epoch the hook calls
    ``model.set_vocabulary`` with ``metainfo['classes']`` of the dataset;
    after a validation it puts back the names from before. So one model is
    trained on some classes and tested on others without a word in its config.
    Models without ``set_vocabulary`` are left alone, and data without class
    names leave those of the model.

    Raises:
        ValueError: Before an epoch, if neither data nor model have any.
    """

    def __init__(self) -> None:
        self._replaced = None

    def before_train_epoch(self, runner: Runner) -> None:
        """Set the class names of the training data."""
        self._set(runner, runner.train_loop)

    def before_val_epoch(self, runner: Runner) -> None:
        """Set the class names of the validation data."""
        self._replaced = getattr(
            unwrap_model(runner.model), 'classnames', None
        )
        self._set(runner, runner.val_loop)

    def after_val_epoch(
        self, runner: Runner, metrics: dict[str, float] | None = None
    ) -> None:
        """Put back the class names from before the validation."""
        if self._replaced:
            unwrap_model(runner.model).set_vocabulary(self._replaced)

    def before_test_epoch(self, runner: Runner) -> None:
        """Set the class names of the test data."""
        self._set(runner, runner.test_loop)

    @staticmethod
    def _set(runner: Runner, loop: BaseLoop) -> None:
        model = unwrap_model(runner.model)
        dataset = loop.dataloader.dataset
        if not isinstance(model, OpenVocabularyModel):
            return
        classnames = (getattr(dataset, 'metainfo', None) or {}).get('classes')
        if classnames:
            model.set_vocabulary(classnames)
        elif not model.classnames:
            raise ValueError(
                f'no class names: {type(dataset).__name__} has none, give it '
                "metainfo=dict(classes=['archery', ...]) in the config, label "
                f'0 first; {type(model).__name__} has none either'
            )
