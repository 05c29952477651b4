"""Tell a batch sampler which classes are alike."""

import torch
from mmaction.registry import HOOKS
from mmengine.dist import broadcast
from mmengine.hooks import Hook
from mmengine.runner import Runner

from ..interfaces import EncodesText, TakesClassFeatures
from ..unwrap_model import unwrap_model


@HOOKS.register_module()
class ClassSimilarityHook(Hook):
    """Pass text features of the training classes to the batch sampler.

    For samplers with ``set_class_features``, such as
    :class:`SimilarClassBatchSampler`. Before training, the model's
    ``encode_text`` encodes the class names of the training data, once; all
    ranks use the features of the first. With a tuned text tower, a resumed
    run uses the weights it resumes from.

    Raises:
        ValueError: Before training, if the batch sampler takes no features or
            the model encodes no text.
    """

    @torch.no_grad()
    def before_train(self, runner: Runner) -> None:
        """Encode and hand over."""
        loader = runner.train_dataloader
        model = unwrap_model(runner.model)
        for owner, needed, method in (
            (loader.batch_sampler, TakesClassFeatures, 'set_class_features'),
            (model, EncodesText, 'encode_text'),
        ):
            if not isinstance(owner, needed):
                raise ValueError(
                    f'ClassSimilarityHook needs {method}(), which '
                    f'{type(owner).__name__} does not have'
                )
        features = model.encode_text(loader.dataset.metainfo['classes'])
        features = features.float().contiguous()
        broadcast(features)
        loader.batch_sampler.set_class_features(features.cpu().numpy())
