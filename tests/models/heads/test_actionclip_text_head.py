import pytest
import torch

from helpers.tiny_clip import NAMES, TEMPLATES, largest_difference, tiny_arch
from mmovar.models import ActionCLIPTextHead


@pytest.fixture
def head(tmp_path, build):
    def build_head(**kwargs):
        plain = build()
        head = ActionCLIPTextHead(
            tiny_arch(),
            weights=tmp_path / 'clip.pt',
            tokenizer=str(tmp_path / 'words.txt'),
            classnames=NAMES,
            templates=TEMPLATES,
            **kwargs,
        )
        return head, plain

    return build_head


def test_a_training_step_encodes_one_template(head):
    head, _ = head(text_trainable=True)
    head.train()
    seen = set()
    for _ in range(30):
        features = head.text_features
        (drawn,) = head.drawn_prompts
        seen.add(drawn)
        assert features.requires_grad
        expected = head.encode_prompts(head.text_encoder)[drawn]
        assert largest_difference(features, expected) < 1e-6
    assert seen == {0, 1, 2}


def test_an_evaluation_averages_all_templates(head):
    head, plain = head(text_trainable=True)
    features = head.eval().text_features
    assert largest_difference(features, plain.text_features) < 1e-6


def test_frozen_text_averages_all_templates_also_in_training(head):
    head, plain = head()
    features = head.train().text_features
    assert largest_difference(features, plain.text_features) < 1e-6
    assert torch.equal(features, head.text_features)
