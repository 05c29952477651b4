import torch
import torch.nn.functional as F

from helpers.tiny_clip import largest_difference
from mmovar.models.heads.fusion import (
    FUSIONS,
    frames_as_samples,
    logit_mean,
    mean_embedding,
)


def test_logit_mean_weighs_frames_alike_whatever_their_norm():
    frames = torch.randn(2, 3, 8)
    louder = frames * torch.tensor([1.0, 5.0, 0.1])[:, None]
    assert largest_difference(logit_mean(frames), logit_mean(louder)) < 1e-6
    assert (logit_mean(frames).norm(dim=-1) < 1).all()


def test_logit_mean_is_the_mean_of_the_frames_logits():
    frames, text = torch.randn(2, 3, 8), torch.randn(5, 8)
    expected = sum(F.normalize(f, dim=-1) @ text.T for f in frames.unbind(1))
    logits = logit_mean(frames) @ text.T
    assert largest_difference(logits, expected / 3) < 1e-6


def test_mean_embedding_weighs_frames_by_their_norm():
    frames = torch.randn(2, 3, 8)
    louder = frames * torch.tensor([1.0, 1e5, 1.0])[:, None]
    expected = F.normalize(frames[:, 1], dim=-1)
    assert largest_difference(mean_embedding(louder), expected) < 1e-3
    norms = mean_embedding(frames).norm(dim=-1)
    assert largest_difference(norms, torch.ones(2)) < 1e-6


def test_order_of_frames_does_not_matter():
    frames = torch.randn(2, 3, 8)
    for fuse in FUSIONS.values():
        assert largest_difference(fuse(frames), fuse(frames.flip(1))) < 1e-6


def test_frames_become_samples_of_their_video():
    frames = torch.randn(2, 3, 8)
    text = torch.randn(2, 5, 8)
    alone, texts, samples = frames_as_samples(frames, text, ['a', 'b'])
    assert samples == ['a', 'a', 'a', 'b', 'b', 'b']
    for i, sample in enumerate(samples):
        video, frame = 'ab'.index(sample), i % 3
        assert torch.equal(alone[i], frames[video, frame : frame + 1])
        assert torch.equal(texts[i], text[video])
    shared = frames_as_samples((frames, None), text[0], ['a', 'b'])[1]
    assert shared is not None and torch.equal(shared, text[0])
