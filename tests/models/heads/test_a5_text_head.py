import pytest
import torch
import torch.nn.functional as F

from helpers.tiny_clip import NAMES, largest_difference, tiny_arch
from mmovar.models import A5TextHead

N_CTX, N_BEHIND = 2, 3


@pytest.fixture
def head(tmp_path, build):
    def build_head(**kwargs):
        torch.manual_seed(0)
        defaults = dict(
            arch=tiny_arch(),
            weights=tmp_path / 'clip.pt',
            tokenizer=str(tmp_path / 'words.txt'),
            classnames=NAMES,
            n_ctx=N_CTX,
            n_behind=N_BEHIND,
            logit_scale_trainable=False,
        )
        build()  # writes the files
        return A5TextHead(**{**defaults, **kwargs})

    return build_head


def by_hand(head, name):
    """Run the whole sequence of one class through the tower."""
    tower = head.text_encoder
    row = head.tokenizer([name])[0]
    start, *words = tower.token_embedding(row[: row.argmax() + 1])
    parts = [start[None], head.prompt_learner.ctx]
    parts += [w[None] for w in words[:-1]] + [head.ctx_behind, words[-1][None]]
    x = torch.cat(parts)
    x = (x + tower.positional_embedding[: len(x)])[None]
    for block in tower.transformer.resblocks:
        x = block(x, causal=True)
    return F.normalize(tower.read(x[0, -1]), dim=0)


@pytest.mark.usefixtures('strategy')
def test_vectors_stand_on_either_side_of_the_name(head):
    head = head().eval()
    for name, features in zip(NAMES, head.text_features, strict=True):
        assert largest_difference(features, by_hand(head, name)) < 1e-5


def test_a_training_step_moves_the_vectors_alone(head):
    head = head().train()
    head.text_features.sin().sum().backward()
    got = {n for n, p in head.named_parameters() if p.grad is not None}
    assert got == {'prompt_learner.ctx', 'ctx_behind'}
    expected = torch.stack([by_hand(head, name) for name in NAMES])
    grads = [head.ctx_behind.grad, head.prompt_learner.ctx.grad]
    other = torch.autograd.grad(
        expected.sin().sum(), [head.ctx_behind, head.prompt_learner.ctx]
    )
    for ours, theirs in zip(grads, other, strict=True):
        scale = theirs.abs().max()
        assert largest_difference(ours, theirs) < 1e-5 * scale


def test_kept_features_follow_the_vectors_behind(head):
    head = head().eval()
    before = head.text_features
    with torch.no_grad():
        head.ctx_behind.normal_()
    assert largest_difference(head.text_features, before) > 1e-3


@pytest.mark.parametrize(
    ('wrong', 'match'),
    [
        (dict(n_behind=0), 'n_behind must be >= 1, got 0'),
        (dict(n_ctx=0), 'n_ctx and depth must be >= 1'),
        (dict(n_behind=9), 'has 16 tokens, the text tower takes 12'),
    ],
)
def test_wrong_settings(head, wrong, match):
    with pytest.raises(ValueError, match=match):
        head(**wrong)
