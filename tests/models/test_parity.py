"""Outputs of the reference implementations, stored as numbers.

Tolerances are those of ``tests/data/README.md``: logits 1e-4, raw features
5e-5, unit features 1e-5.
"""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample

import mmovar  # noqa: F401
from helpers.parity import draw_weight, keys_of, load_fixture
from helpers.tiny_clip import largest_difference

LOGITS, RAW, UNIT = 1e-4, 5e-5, 1e-5
CLIP_SEED_OFFSET = 7
ARCH = {
    'small': dict(
        embed_dim=512,
        quick_gelu=True,
        vision_cfg=dict(image_size=224, layers=3, width=192, patch_size=16),
        text_cfg=dict(
            **dict(context_length=77, vocab_size=49408),
            **dict(width=512, heads=8, layers=3),
        ),
    ),
    'full': 'ViT-B-16-quickgelu',
}
PREFIXES = {  # names of an official checkpoint -> CLIP's own
    'clip': {'': ''},
    'vclip': {'model.': ''},
    'vifi': {
        'module.image_encoder.': 'visual.',
        'module.text_encoder.': '',
        'module.': '',
    },
}


def clip_weights(model, size, seed):
    """Weights of an official checkpoint under CLIP's names."""
    prefixes = PREFIXES[model.split('_')[0]]
    weights = {}
    for name, shape, kind in keys_of(model, size):
        if kind != 'param':
            continue
        prefix = next(p for p in prefixes if name.startswith(p))
        key = prefixes[prefix] + name.removeprefix(prefix)
        rule_name = name.removeprefix('module.')
        weights[key] = draw_weight(seed, rule_name, shape)
    if 'token_embedding.weight' not in weights:  # of the base CLIP
        shape = (49408, 512)
        weights['token_embedding.weight'] = draw_weight(
            seed, 'token_embedding.weight', shape
        )
    return weights


def test_rule_gives_the_numbers_of_its_readme():
    expected = {
        ('logit_scale', ()): [4.68743801],
        ('visual.conv1.weight', (768, 3, 16, 16)): [
            *(-0.034727037, -0.0212630555, 0.0341668427),
        ],
        ('image_encoder.ln_pre.weight', (768,)): [
            *(1.08718133, 1.15460992, 1.06668401),
        ],
        ('text_encoder.text_projection', (512, 512)): [
            *(0.0416113809, -0.0495101921, -0.00392309064),
        ],
    }
    for (name, shape), numbers in expected.items():
        drawn = draw_weight(1000, name, shape).flatten()[:3]
        assert largest_difference(drawn, torch.tensor(numbers)) < 1e-8


# --- the models ---


@pytest.fixture(scope='module')
def reference():
    """Read a fixture file; arrays become float32 tensors."""

    def read(name):
        content = load_fixture(name)
        for key, item in content.items():
            if isinstance(item, list) and isinstance(item[0], list):
                content[key] = (
                    item if 'token_ids' in key else torch.tensor(item)
                )
        return content

    return read


@pytest.fixture
def build(tmp_path):
    """Build a recognizer from weights, through a file as users do."""
    path = tmp_path / 'clip.pt'

    def build(arch, weights, backbone, classnames, **head):
        torch.save(weights, path)
        config = dict(
            type='CLIPRecognizer',
            arch=arch,
            weights=str(path),
            backbone=dict(type=backbone),
            cls_head=dict(type='TextHead', classnames=classnames, **head),
        )
        return MODELS.build(config).eval()

    yield build
    path.unlink(missing_ok=True)  # half a gigabyte


def video_of(content):
    """Preprocessed clips (B, 1, 3, T, H, W) of a fixture."""
    rng = np.random.default_rng(content['video_seed'])
    shape = content['video_shape']
    video = torch.from_numpy(rng.standard_normal(shape, dtype=np.float32))
    if video.ndim == 4:  # images
        video = video.unsqueeze(1)
    return video.transpose(1, 2).unsqueeze(1)


def predict(model, inputs):
    samples = [ActionDataSample() for _ in inputs]
    samples = model(inputs, samples, mode='predict')
    return torch.stack([sample.pred_score for sample in samples])


def assert_tokens(model, expected):
    """Compare the ids up to the end of text, (templates, C, L)."""
    tokens = model.cls_head.tokenizer(
        [
            template.format(name)
            for template in model.cls_head.templates
            for name in model.classnames
        ]
    )
    rows = [row for template in expected for row in template]
    for ours, theirs in zip(tokens.tolist(), rows, strict=True):
        end = theirs.index(49407) + 1
        assert ours[:end] == theirs[:end]
        assert not any(ours[end:])


SLOW = pytest.mark.slow


@pytest.mark.parametrize('size', ['small', pytest.param('full', marks=SLOW)])
@torch.no_grad()
def test_clip(size, reference, build):
    content = reference(f'clip_{size}')
    weights = clip_weights('clip', size, content['seed'])
    model = build(
        *(ARCH[size], weights, 'CLIPViT', content['texts']), templates='bare'
    )
    assert_tokens(model, [content['token_ids']])
    inputs = video_of(content)
    images = model.extract_feat(inputs)[0].squeeze(1)
    assert largest_difference(images, content['image_features']) < RAW
    texts = F.normalize(content['text_features'], dim=-1)
    assert largest_difference(model.cls_head.text_features, texts) < UNIT
    logits = predict(model, inputs)
    assert largest_difference(logits, content['logits_per_image']) < LOGITS


@pytest.mark.parametrize(
    'size, frames', [('small', 4), pytest.param('full', 8, marks=SLOW)]
)
@torch.no_grad()
def test_vclip(size, frames, reference, build):
    """Also with the classifier of raw CLIP, and patched half way to it."""
    content = reference(f'vclip_{size}_T{frames}')
    weights = clip_weights('vclip', size, content['seed'])
    model = build(
        *(ARCH[size], weights, 'VCLIPViT', content['class_names']),
        templates='open_vclip',
    )
    assert_tokens(model, content['token_ids_by_template'])
    inputs = video_of(content)
    features = model.extract_feat(inputs)[0]
    assert largest_difference(features, content['frame_features']) < RAW
    text = model.cls_head.text_features
    assert largest_difference(text, content['text_classifier']) < UNIT
    logits = predict(model, inputs)
    assert largest_difference(logits, content['logits']) < LOGITS

    seed = content['seed'] + CLIP_SEED_OFFSET
    clip = clip_weights('clip', size, seed)
    own = {key: model.state_dict()[key].clone() for key in model.state_dict()}
    raw = {
        key: clip[key.removeprefix('cls_head.text_encoder.')]
        for key in own
        if 'text_encoder' in key
    }
    model.load_state_dict(raw, strict=False)
    head = model.cls_head.text_features[:, :8]
    expected = content['text_classifier_from_clip_norm_check']
    assert largest_difference(head, expected) < UNIT
    logits = predict(model, inputs)
    assert largest_difference(logits, content['logits_text_from_clip']) < (
        LOGITS
    )

    ratio = content['patch']['ratio_clip']
    for key in own:
        if 'text_encoder' not in key:
            name = key.replace('backbone.', 'visual.')
            theirs = clip[name.removeprefix('cls_head.')]
            own[key] = (1 - ratio) * own[key] + ratio * theirs
    model.load_state_dict(own | raw)
    expected = torch.tensor(content['patch']['logits'])
    assert largest_difference(predict(model, inputs), expected) < LOGITS


def test_vclip_gradients(reference, build):
    """Gradients of a fine-tuning step, from the ``iwr`` section's first pass.

    Its sum over two passes is linear, so the second pass is run too.
    """
    content = reference('vclip_small_T4')
    iwr = content['iwr']
    weights = clip_weights('vclip', 'small', content['seed'])
    model = build(
        *(ARCH['small'], weights, 'VCLIPViT', content['class_names']),
        templates='open_vclip',
    ).train()
    text = model.cls_head.text_features
    inputs = video_of(content)
    labels = torch.tensor(iwr['labels'])

    def run(logits_key, loss_key):
        logits = model.cls_head.logit_scale.exp() * (
            model.encode_video(inputs)[:, 0] @ text.T
        )
        expected = torch.tensor(iwr[logits_key])
        assert largest_difference(logits, expected) < LOGITS
        loss = F.cross_entropy(logits, labels)
        assert loss.item() == pytest.approx(iwr[loss_key], abs=1e-4)
        return loss

    run('logits_theta', 'loss_theta').backward()
    clip = clip_weights('clip', 'small', content['seed'] + CLIP_SEED_OFFSET)
    with torch.no_grad():
        for name, p in model.named_parameters():
            if 'text_encoder' not in name:
                name = name.replace('backbone.', 'visual.')
                theirs = clip[name.removeprefix('cls_head.')]
                p.lerp_(theirs, iwr['alpha'])
    loss = run('logits_interp', 'loss_interp_before_ratio')
    (iwr['loss_ratio'] * loss).backward()
    norms = {
        'model.'
        + name.replace('backbone.', 'visual.').removeprefix(
            'cls_head.'
        ): p.grad.norm().item()
        for name, p in model.named_parameters()
        if p.grad is not None
    }
    assert norms == pytest.approx(
        iwr['grad_norm_sum_by_param'], rel=1e-3, abs=1e-5
    )


@pytest.mark.parametrize(
    'name, size, templates',
    [
        ('vifi_both_small_T4', 'small', 'vifi_clip'),
        ('vifi_zs_eval_small_T4', 'small', 'bare'),
        pytest.param('vifi_both_full_T8', 'full', 'vifi_clip', marks=SLOW),
    ],
)
@torch.no_grad()
def test_vifi_clip(name, size, templates, reference, build):
    content = reference(name)
    weights = clip_weights(content['model'], size, content['seed'])
    model = build(
        *(ARCH[size], weights, 'CLIPViT', content['class_names']),
        templates=templates,
        fusion='mean_embedding',
    )
    assert_tokens(model, [content['token_ids']])
    inputs = video_of(content)
    features = model.extract_feat(inputs)[0]
    assert largest_difference(features, content['frame_features']) < RAW
    video = model.encode_video(inputs)[:, 0]
    assert largest_difference(video, content['video_feature_unit']) < UNIT
    text = model.cls_head.text_features
    assert largest_difference(text, content['text_feature_unit']) < UNIT
    logits = predict(model, inputs)
    assert largest_difference(logits, content['logits']) < LOGITS


@pytest.mark.parametrize(
    'size, frames', [('small', 4), pytest.param('full', 8, marks=SLOW)]
)
def test_vifi_clip_gradients(size, frames, reference, build):
    """Both towers and the temperature are tuned."""
    content = reference(f'vifi_both_{size}_T{frames}')
    train = content['train']
    weights = clip_weights('vifi_both', size, content['seed'])
    model = build(
        *(ARCH[size], weights, 'CLIPViT', content['class_names']),
        templates='vifi_clip',
        fusion='mean_embedding',
        text_trainable=True,
    ).train()
    samples = [ActionDataSample().set_gt_label(i) for i in train['labels']]
    loss = model(video_of(content), samples, mode='loss')['loss_cls']
    assert loss.item() == pytest.approx(train['loss'], abs=1e-4)
    loss.backward()
    norms = {
        name.replace('backbone.', 'image_encoder.').removeprefix(
            'cls_head.'
        ): p.grad.norm().item()
        for name, p in model.named_parameters()
        if 'token_embedding' not in name
    }
    expected = {
        name: norm
        for name, norm in train['grad_norm_by_param'].items()
        if 'token_embedding' not in name
    }
    assert norms == pytest.approx(expected, rel=1e-3, abs=1e-5)
