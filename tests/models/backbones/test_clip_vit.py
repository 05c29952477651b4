import pytest
import torch
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample

from helpers.tiny_clip import largest_difference, tiny_arch, write_weights
from mmovar.models import CLIPViT

ARCH = tiny_arch()


@pytest.fixture
def weights(tmp_path):
    """Path of a file, and what is in it."""
    path = tmp_path / 'clip.pt'
    return path, write_weights(path, ARCH)


def test_weights_are_loaded_when_it_is_built(weights):
    path, content = weights
    model = CLIPViT(ARCH, weights=path)
    loaded = {f'visual.{k}': v for k, v in model.state_dict().items()}
    expected = {k: v for k, v in content.items() if k[:7] == 'visual.'}
    assert largest_difference(loaded, expected) == 0


def test_frames_are_encoded_one_by_one(weights):
    model = CLIPViT(ARCH, weights=weights[0])
    clips = torch.randn(2, 3, 4, 32, 32)
    features = model(clips)
    assert features.shape == (2, 4, 24)
    for t in range(4):
        frame = model(clips[:, :, t : t + 1])
        assert largest_difference(features[:, t : t + 1], frame) < 1e-6


def test_pooled_is_the_mean_over_frames():
    torch.manual_seed(0)
    model = CLIPViT(ARCH)
    clips = torch.randn(2, 3, 4, 32, 32)
    expected = model(clips).mean(dim=1)
    model.pooled = True
    assert torch.equal(model(clips), expected)


@pytest.mark.parametrize('kind', ['CLIPViT', 'VCLIPViT'])
def test_checkpointing_gives_the_same_gradients(kind, weights):
    grads = []
    clips = torch.randn(2, 3, 4, 32, 32)
    for with_cp in False, True:
        config = dict(type=kind, arch=ARCH, weights=weights[0])
        model = MODELS.build(config | dict(with_cp=with_cp)).train()
        model(clips).sin().sum().backward()
        grads.append({k: p.grad for k, p in model.named_parameters()})
    assert largest_difference(*grads) < 1e-5


@pytest.mark.parametrize('kind', ['CLIPViT', 'VCLIPViT'])
def test_it_serves_a_stock_recognizer_with_a_linear_head(kind, weights):
    model = MODELS.build(
        dict(
            type='Recognizer3D',
            backbone=dict(
                type=kind, arch=ARCH, weights=str(weights[0]), pooled=True
            ),
            cls_head=dict(
                type='TimeSformerHead',
                num_classes=3,
                in_channels=24,
                average_clips='prob',
            ),
            data_preprocessor=dict(
                type='mmaction.ActionDataPreprocessor',
                mean=[128.0] * 3,
                std=[64.0] * 3,
                format_shape='NCTHW',
            ),
        )
    )
    samples = [ActionDataSample().set_gt_label(i) for i in range(2)]
    clips = torch.randint(0, 256, (2, 2, 3, 4, 32, 32), dtype=torch.uint8)
    data = dict(inputs=list(clips), data_samples=samples)
    scores = [sample.pred_score for sample in model.eval().test_step(data)]
    assert torch.allclose(torch.stack(scores).sum(dim=1), torch.ones(2))
    data = dict(inputs=list(clips[:, :1]), data_samples=samples)
    data = model.data_preprocessor(data, training=True)
    model.train()(**data, mode='loss')['loss_cls'].backward()
    assert model.backbone.conv1.weight.grad.abs().max() > 0
