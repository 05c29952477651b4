"""Blending inside a recognizer: vocabulary, loss, two passes on a batch."""

import pytest
import torch
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample

from helpers.tiny_clip import NAMES, recognizer_config
from mmovar.engine.preprocess_once import PreprocessOnce


@pytest.fixture
def recognizer(tmp_path):
    config = recognizer_config(tmp_path)
    config['data_preprocessor'] = dict(
        type='mmaction.ActionDataPreprocessor',
        format_shape='NCTHW',
        blending=dict(type='MixupCutmix'),
    )
    return MODELS.build(config).train()


def batch(size=2):
    torch.manual_seed(0)
    samples = [ActionDataSample().set_gt_label(i % 2) for i in range(size)]
    inputs = list(torch.randn(size, 1, 3, 2, 32, 32))
    return dict(inputs=inputs, data_samples=samples)


def test_classes_are_those_of_the_vocabulary_at_any_time(recognizer):
    for names in (NAMES, NAMES[:2], NAMES):
        recognizer.set_vocabulary(names)
        data = recognizer.data_preprocessor(batch(), True)
        labels = torch.stack([s.gt_label for s in data['data_samples']])
        assert labels.shape == (2, len(names))
        assert torch.allclose(labels.sum(dim=1), torch.ones(2))


@pytest.mark.parametrize('size', [1, 2, 3])
def test_loss_is_the_soft_target_cross_entropy(recognizer, size):
    recognizer.set_vocabulary(NAMES)  # 3 classes: also a batch of 3
    data = recognizer.data_preprocessor(batch(size), True)
    losses = recognizer(**data, mode='loss')
    logits = recognizer.cls_head(recognizer.extract_feat(data['inputs'])[0])
    targets = torch.stack([s.gt_label for s in data['data_samples']])
    expected = -(targets * logits.log_softmax(-1)).sum(-1).mean()
    assert list(losses) == ['loss_cls']
    assert torch.allclose(losses['loss_cls'], expected, rtol=1e-5)


def test_both_passes_on_a_batch_see_one_blend(recognizer):
    recognizer.set_vocabulary(NAMES)
    once, data = PreprocessOnce(recognizer.data_preprocessor), batch()
    with once.keep():
        first = recognizer.data_preprocessor(data, True)
    assert recognizer.data_preprocessor(data, True) is first
    once.release()
    # the raw batch still has hard labels and can be blended anew
    assert data['data_samples'][0].gt_label.shape == (1,)
    again = recognizer.data_preprocessor(data, True)
    assert not torch.equal(again['inputs'], first['inputs'])
