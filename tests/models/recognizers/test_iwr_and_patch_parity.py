"""IWR's gradients and patched logits of the released code, from fixtures."""

import numpy as np
import pytest
import torch
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample
from mmengine.logging import MessageHub
from mmengine.optim import OptimWrapper

from helpers.parity import arch_of, draw_weight, load_fixture
from mmovar.engine.hooks import IWRHook
from mmovar.engine.weights.patching import patch

RTOL, ATOL = 1e-3, 1e-5  # of gradients


@pytest.fixture(scope='module')
def reference():
    return load_fixture('vclip_small_T4')


@pytest.fixture(scope='module')
def setup(reference, tmp_path_factory):
    """Model with theta_CLIP as reference, theta, and the video."""
    arch = arch_of(reference['dims'])
    config = dict(
        type='CLIPRecognizer',
        arch=arch,
        weights=None,
        backbone=dict(type='VCLIPViT'),
        cls_head=dict(
            type='TextHead', classnames=reference['class_names'], topk=(1,)
        ),
        data_preprocessor=dict(type='BaseDataPreprocessor'),
    )
    torch.set_num_threads(1)
    empty = MODELS.build(config)
    shapes = {
        clip_key(key): value.shape for key, value in empty.state_dict().items()
    }
    path = tmp_path_factory.mktemp('clip') / 'clip.pt'
    clip = {
        k: draw_weight(reference['seed'] + 7, k, s) for k, s in shapes.items()
    }
    torch.save(clip, path)
    model = MODELS.build(dict(config, weights=str(path)))
    theta = {
        key: draw_weight(
            reference['seed'], f'model.{clip_key(key)}', value.shape
        )
        for key, value in model.state_dict().items()
    }
    generator = np.random.default_rng(reference['video_seed'])
    video = torch.from_numpy(
        generator.standard_normal(reference['video_shape'], dtype=np.float32)
    )
    return model, theta, video.transpose(1, 2)[:, None]


def clip_key(key):
    key = key.replace('cls_head.logit_scale', 'logit_scale')
    key = key.replace('cls_head.text_encoder.', '')
    return key.replace('backbone.', 'visual.', 1)


class Trainer:
    """What the hook asks of a runner."""

    iter, seed = 0, 0

    def __init__(self, model):
        self.model = model
        self.message_hub = MessageHub.get_instance('parity')
        self.logger = self
        self.warnings = []
        self.warning = self.warnings.append
        optimizer = torch.optim.SGD(model.parameters(), lr=0.0)
        self.optim_wrapper = OptimWrapper(optimizer)
        self.optim_wrapper.zero_grad = lambda: None

    def run(self, hook, data):
        hook.before_train(self)
        hook.before_train_iter(self, 0, data)
        logs = self.model.train_step(data, self.optim_wrapper)
        hook.after_train_iter(self)
        return logs


def test_iwr_gradients_equal_the_released_code(reference, setup):
    model, theta, video = setup
    expected = reference['iwr']
    model.load_state_dict(theta)
    model.zero_grad()
    samples = [
        ActionDataSample().set_gt_label(label) for label in expected['labels']
    ]
    hook = IWRHook(loss_weight=expected['loss_ratio'])
    hook.draw_alpha = lambda iteration: expected['alpha']
    trainer = Trainer(model)
    logs = trainer.run(hook, dict(inputs=video, data_samples=samples))
    assert logs['loss'].item() == pytest.approx(
        expected['loss_theta'], abs=1e-4
    )
    scalars = trainer.message_hub.log_scalars
    assert scalars['train/iwr_loss'].current() == pytest.approx(
        expected['loss_interp_before_ratio'], abs=1e-4
    )
    grads = {
        f'model.{clip_key(name)}': param.grad
        for name, param in model.named_parameters()
        if param.grad is not None
    }
    norms = expected['grad_norm_sum_by_param']
    assert grads.keys() == norms.keys()
    for name, norm in norms.items():
        assert grads[name].norm().item() == pytest.approx(
            norm, rel=RTOL, abs=ATOL
        ), name
    total = torch.stack([grad.norm() for grad in grads.values()]).norm()
    assert total.item() == pytest.approx(expected['grad_norm_sum'], rel=RTOL)
    for name, values in expected['grad_sum'].items():
        torch.testing.assert_close(
            grads[name], torch.tensor(values), rtol=RTOL, atol=1e-4
        )
    # text is that of theta in the fixture, and is frozen
    assert 'frozen weights differ from CLIP' in trainer.warnings[0]
    for name, value in model.state_dict().items():
        assert torch.equal(value, theta[name]), name


def test_patched_logits_equal_the_released_code(reference, setup):
    model, theta, video = setup
    clip = model.clip_state_dict()
    # the released code takes text from CLIP, whatever is patched
    text = {k: v for k, v in clip.items() if 'text_encoder' in k}
    alpha = 1 - reference['patch']['ratio_clip']
    model.load_state_dict(patch(clip, {**theta, **text}, alpha))
    model.eval()
    with torch.no_grad():
        features, _ = model.extract_feat(video, test_mode=True)
        logits = model.cls_head(features)
    torch.testing.assert_close(
        logits, torch.tensor(reference['patch']['logits']), rtol=0, atol=1e-4
    )
