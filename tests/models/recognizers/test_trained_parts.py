import pytest
from mmaction.registry import MODELS

from helpers.tiny_clip import recognizer_config


def test_only_declared_parameters_are_tuned(tmp_path):
    config = recognizer_config(tmp_path)
    model = MODELS.build(dict(config, trainable=['ln_', 'text_encoder']))
    tuned = {n for n, p in model.named_parameters() if p.requires_grad}
    expected = {
        name
        for name, _ in model.named_parameters()
        if 'ln_' in name
        or ('text_encoder' in name and 'token_embedding' not in name)
    }
    assert tuned == expected
    assert model.cls_head.text_trainable


def test_token_embedding_is_tuned_if_it_is_named(tmp_path):
    config = dict(recognizer_config(tmp_path), trainable=['token_embedding'])
    model = MODELS.build(config)
    tuned = [n for n, p in model.named_parameters() if p.requires_grad]
    assert tuned == ['cls_head.text_encoder.token_embedding.weight']


@pytest.mark.parametrize('trainable', [['backbone', 'no_such'], 'backbone'])
def test_declaration_that_matches_nothing_is_an_error(tmp_path, trainable):
    config = dict(recognizer_config(tmp_path), trainable=trainable)
    with pytest.raises(ValueError, match='no_such|backbone'):
        MODELS.build(config)
