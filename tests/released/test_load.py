"""load_released on tiny files: wrappers, errors, options."""

import json

import pytest
import torch

from helpers.released_weights import (
    clip_weights,
    draw_release,
    vclip_weights,
    vifi_weights,
)
from helpers.tiny_clip import largest_difference
from mmovar.apis import load_released
from mmovar.released import conversion_report

NAMES = ['archery', 'playing guitar', 'tai_chi']
VIDEO = torch.randn(
    2, 4, 3, 32, 32, generator=torch.Generator().manual_seed(0)
)


@pytest.fixture(scope='module')
def base():
    return clip_weights()


@pytest.fixture(scope='module')
def expected(base):
    return load_released(vifi_weights(), NAMES, base=base).logits(VIDEO)


def with_module(weights):
    return {f'module.{key}': value for key, value in weights.items()}


def in_half(weights):
    return {key: value.half() for key, value in weights.items()}


def as_checkpoint(weights):
    return dict(
        model=weights,
        optimizer=dict(state={0: dict(exp_avg=torch.ones(3))}),
        lr_scheduler=dict(last_epoch=3),
        max_accuracy=70.0,
        epoch=9,
    )


def with_stale_buffers(weights):
    return weights | {
        'prompt_learner.token_prefix': torch.ones(400, 1, 64),
        'prompt_learner.token_suffix': torch.ones(400, 72, 64),
    }


def in_double(weights):
    return {key: value.double() for key, value in weights.items()}


@pytest.mark.parametrize(
    'wrap',
    [with_module, as_checkpoint, with_stale_buffers, in_double],
    ids=lambda w: w.__name__,
)
@pytest.mark.parametrize('filed', [False, True])
def test_wrappers_change_nothing(wrap, filed, base, expected, tmp_path):
    release = wrap(vifi_weights())
    if filed:
        torch.save(release, tmp_path / 'release.pth')
        release = str(tmp_path / 'release.pth')
    model = load_released(release, NAMES, base=base)
    assert torch.equal(model.logits(VIDEO), expected)


def test_half_precision_files_run_in_full(base):
    half = in_half(vifi_weights())
    full = {key: value.float() for key, value in half.items()}
    models = [load_released(w, NAMES, base=base) for w in (half, full)]
    assert next(models[0].parameters()).dtype == torch.float32
    assert torch.equal(*(model.logits(VIDEO) for model in models))


def test_double_precision_throughout(base, expected):
    model = load_released(
        vifi_weights(), NAMES, base=base, dtype=torch.float64
    )
    logits = model.logits(VIDEO)
    assert logits.dtype == torch.float64
    assert largest_difference(logits.float(), expected) < 1e-4


def test_weights_of_the_caller_are_not_shared(base):
    release = vifi_weights()
    model = load_released(release, NAMES, base=base)
    with torch.no_grad():
        model.recognizer.cls_head.logit_scale.add_(1)
    assert release['logit_scale'] == vifi_weights()['logit_scale']


@pytest.mark.parametrize('size', ['file', 'openai'])
def test_base_is_a_file_too(size, base, expected, tmp_path):
    sizes = {'input_resolution': torch.tensor(32)}
    content = base | sizes if size == 'openai' else base
    torch.save(content, tmp_path / 'clip.pt')
    model = load_released(vifi_weights(), NAMES, base=tmp_path / 'clip.pt')
    assert torch.equal(model.logits(VIDEO), expected)
    assert model.conversion.from_base == [
        'cls_head.text_encoder.token_embedding.weight'
    ]


def test_every_key_is_in_the_account(base):
    model = load_released(as_checkpoint(vifi_weights()), NAMES, base=base)
    table = conversion_report(model.conversion, every_key=True)
    for name in (*vifi_weights(), 'optimizer', 'epoch'):
        assert f' {name} ' in table, name
    short = conversion_report(model.conversion)
    assert 'resblocks.*.ln_1' in short
    assert 'a buffer of the class names of training' in short
    assert '1 weights from CLIP, 0 missing' in short


def test_names_and_prompts_may_change(base):
    model = load_released(vifi_weights(), NAMES, base=base, templates='bare')
    model.recognizer.set_vocabulary(['a dog', 'a cat'])
    assert model.logits(VIDEO).shape == (2, 2)
    features = model.video_features(VIDEO)
    assert largest_difference(features.norm(dim=-1), torch.ones(2)) < 1e-6


def test_mixing_ends_at_clip_and_at_the_release(base):
    release = vclip_weights()
    logits = [
        load_released(
            release, NAMES, base=base, alpha=alpha, text_from_base=True
        ).logits(VIDEO)
        for alpha in (0.0, 1.0)
    ]
    clip = {f'model.{key}': value for key, value in base.items()}
    assert torch.equal(logits[0], load_released(clip, NAMES).logits(VIDEO))
    tuned = {
        key: value if '.visual.' in key or 'scale' in key else clip[key]
        for key, value in release.items()
    }
    assert torch.equal(logits[1], load_released(tuned, NAMES).logits(VIDEO))


def test_video_features_of_vclip_are_unit():
    model = load_released(vclip_weights(), NAMES)
    norms = model.video_features(VIDEO).norm(dim=-1)
    assert largest_difference(norms, torch.ones(2)) < 1e-6


# --- what is refused ---


def refuses(match, release, **options):
    with pytest.raises(ValueError, match=match):
        load_released(release, **{'classnames': NAMES, **options})


def test_unknown_keys_are_named(base):
    release = vifi_weights() | {'image_encoder2.weight': torch.ones(3)}
    match = r"1 of 54 keys are not known in the format 'vifi_clip'"
    refuses(match.replace('54', r'\d+'), release, base=base)


def test_missing_keys_are_named_though_clip_has_them(base):
    release = vifi_weights()
    for name in [n for n in release if 'image_encoder' in n and '.1.' in n]:
        del release[name]
    del release['image_encoder.transformer.resblocks.0.ln_1.bias']
    refuses(
        r'1 \(backbone.transformer.resblocks.\*.ln_1.bias\) missing.*'
        'truncated',
        release,
        base=base,
    )


def test_other_shapes_are_named(base):
    release = vifi_weights()
    release['image_encoder.ln_post.bias'] = torch.ones(32)
    refuses(
        r'image_encoder.ln_post.bias \(32,\) instead of \(64,\)',
        release,
        base=base,
    )


def test_missing_table_asks_for_clip():
    refuses(r'token table.*give base', vifi_weights())
    model = load_released(vifi_weights())  # no names, no table needed
    assert model.video_features(VIDEO).shape == (2, 16)
    with pytest.raises(ValueError, match='give base'):
        model.logits(VIDEO)


def test_half_a_text_tower_is_not_completed_from_clip(base):
    release = vifi_weights()
    del release['text_encoder.ln_final.bias']
    refuses(
        'cls_head.text_encoder.ln_final.bias.* missing', release, base=base
    )


def test_options_that_make_no_sense(base):
    release = vifi_weights()
    refuses("fmt 'vifi' is none of", release, fmt='vifi')
    refuses('alpha must be in 0..1, got 2', release, base=base, alpha=2)
    refuses('need base', release, alpha=0.5)
    refuses('need base', release, text_from_base=True)
    refuses('cannot tell the format', {'conv.weight': torch.ones(3)})
    refuses('no weights in it', {'epoch': 3})
    refuses('base is no file of CLIP', release, base=vclip_weights())
    ours = {'backbone.conv1.weight': torch.ones(3)}
    refuses('init_recognizer', ours)


def test_video_of_another_order_is_refused(base):
    model = load_released(vifi_weights(), NAMES, base=base)
    with pytest.raises(ValueError, match=r'must be \(B, T, 3, H, W\)'):
        model.logits(VIDEO.transpose(1, 2))


# --- releases without a text tower, from the fixtures' key lists ---


def test_vita_clip_takes_the_text_of_base():
    release = draw_release('vita_clip', 'small', seed=1)
    clip = draw_release('clip', 'small', seed=2)
    video = torch.randn(1, 4, 3, 224, 224)
    alone = load_released(release, NAMES, num_frames=4)
    with pytest.raises(ValueError, match='vita_clip files hold no text'):
        alone.logits(video)
    model = load_released(release, NAMES, num_frames=4, base=clip)
    features = model.video_features(video)
    # two passes differ by rounding; that no weight differs is exact
    weights = alone.recognizer.backbone.state_dict()
    for key, value in model.recognizer.backbone.state_dict().items():
        assert torch.equal(value, weights[key]), key
    torch.testing.assert_close(features, alone.video_features(video))
    text = model.recognizer.encode_text(NAMES)
    expected = clip['logit_scale'].exp() * features @ text.T
    torch.testing.assert_close(model.logits(video), expected)
    with pytest.raises(ValueError, match='give num_frames=4'):
        load_released(release, NAMES)


def test_vita_clip_prompts_of_its_training_classes():
    release = draw_release('vita_clip', 'small', seed=1)
    release['prompt_learner.ctx'] = torch.randn(3, 8, 512)
    release['logit_scale'] = torch.tensor(2.0)
    clip = draw_release('clip', 'small', seed=2)
    model = load_released(release, NAMES, num_frames=4, base=clip)
    assert type(model.recognizer.cls_head).__name__.startswith('Learnable')
    assert model.logits(torch.randn(1, 4, 3, 224, 224)).shape == (1, 3)
    with pytest.raises(ValueError, match='each of 3 classes, but 2'):
        load_released(release, NAMES[:2], num_frames=4, base=clip)


def test_st_adapter_scores_its_classes_or_is_read_by_text():
    release = draw_release('st_adapter12', 'small', seed=1)
    clip = draw_release('clip', 'small', seed=2)
    video = torch.randn(1, 4, 3, 224, 224)
    closed = load_released(release)
    assert closed.logits(video).shape == (1, 7)
    with pytest.raises(ValueError, match='closed set of classes'):
        closed.video_features(video)
    refuses('scores 7 classes, but 3 classnames', release)
    adapters = {k: v for k, v in release.items() if 'adapter' in k}
    refuses('give CLIP.s file as base', adapters)
    model = load_released(adapters, NAMES, base=clip)
    assert model.logits(video).shape == (1, 3)
    assert model.video_features(video).shape == (1, 512)


def actionclip(weights):
    """What ActionCLIP's ``utils/saving.py`` writes."""
    temporal = {'module.frame_position_embeddings.weight': torch.ones(77, 24)}
    return dict(
        epoch=3,
        model_state_dict=with_module(weights),
        fusion_model_state_dict=temporal,
        optimizer_state_dict=dict(state={0: dict(exp_avg=torch.ones(3))}),
    )


def test_a_temporal_model_beside_the_weights_is_not_dropped(tmp_path, base):
    torch.save(actionclip(base), tmp_path / 'actionclip.pt')
    match = "actionclip.pt: beside .* 'fusion_model_state_dict' .ActionCLIP's"
    with pytest.raises(ValueError, match=match):
        load_released(tmp_path / 'actionclip.pt', NAMES)


def test_clip_that_does_not_tell_its_activation_warns(tmp_path, base):
    torch.save(base, tmp_path / 'clip.pt')
    with pytest.warns(UserWarning, match='activation of .*clip.pt is not'):
        load_released(tmp_path / 'clip.pt', NAMES)


@pytest.mark.filterwarnings('error::UserWarning')
@pytest.mark.parametrize('quick_gelu', [True, False])
@pytest.mark.parametrize('by', ['config', 'entry', 'argument'])
def test_the_activation_is_that_of_the_file(tmp_path, base, quick_gelu, by):
    content, told = base, {}
    if by == 'config':
        settings = {'model_cfg': {'quick_gelu': quick_gelu}}
        text = json.dumps(settings)
        (tmp_path / 'open_clip_config.json').write_text(text)
    elif by == 'entry':
        content = dict(state_dict=base, quick_gelu=quick_gelu)
    else:
        told = dict(quick_gelu=quick_gelu)
    path = tmp_path / 'open_clip_pytorch_model.bin'
    torch.save(content, path)
    model = load_released(path, NAMES, **told)
    assert model.config['arch']['quick_gelu'] is quick_gelu
