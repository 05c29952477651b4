import pytest
import torch
import torch.nn.functional as F
from mmaction.apis import inference_recognizer
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample
from mmengine.config import ConfigDict
from mmengine.dataset import Compose
from mmengine.registry import init_default_scope

from helpers.clips import write_video
from helpers.tiny_clip import (
    NAMES,
    TEMPLATES,
    largest_difference,
    tiny_arch,
    write_weights,
    write_words,
)
from mmovar.models import CLIPViT, TextHead

BACKBONES = ('CLIPViT', 'VCLIPViT')


@pytest.fixture(scope='module')
def files(tmp_path_factory):
    """Paths of weights and words, and the weights."""
    folder = tmp_path_factory.mktemp('clip')
    content = write_weights(folder / 'clip.pt')
    return str(folder / 'clip.pt'), write_words(folder / 'words.txt'), content


@pytest.fixture
def build(files):
    """Build a recognizer from a config, as MMAction2 does."""

    def build(backbone='VCLIPViT', weights=files[0], head=None, **kwargs):
        defaults = dict(
            type='TextHead',
            tokenizer=files[1],
            templates=TEMPLATES,
            classnames=NAMES,
        )
        head = defaults | (head or {})
        config = dict(
            type='CLIPRecognizer',
            arch=tiny_arch(),
            weights=weights,
            backbone=dict(type=backbone),
            cls_head=head,
        )
        return MODELS.build(ConfigDict(config | kwargs)).eval()

    return build


def data_of(videos=2, views=1, frames=4):
    """What a dataloader yields."""
    torch.manual_seed(0)
    shape = (views, 3, frames, 32, 32)
    return dict(
        inputs=[
            torch.randint(0, 256, shape, dtype=torch.uint8)
            for _ in range(videos)
        ],
        data_samples=[
            ActionDataSample().set_gt_label(i) for i in range(videos)
        ],
    )


def scores_of(model, data):
    return torch.stack([s.pred_score for s in model.test_step(data)])


def test_pixels_are_normalised_as_open_clip_does(build):
    import open_clip

    data = data_of()
    pixels = torch.stack(data['inputs'])[:, 0].float() / 255
    inputs = build().data_preprocessor(data)['inputs'][:, 0]
    mean = torch.tensor(open_clip.OPENAI_DATASET_MEAN)[:, None, None, None]
    std = torch.tensor(open_clip.OPENAI_DATASET_STD)[:, None, None, None]
    assert largest_difference(inputs, (pixels - mean) / std) < 1e-5


def test_frame_wise_logits_are_those_of_open_clip(build, files):
    from open_clip.model import CLIP

    clip = CLIP(**tiny_arch()).eval()
    clip.load_state_dict(files[2])
    model = build('CLIPViT', head=dict(fusion='mean_embedding'))
    model.cls_head.templates = ('{}',)
    model.set_vocabulary(['open box', 'close box'])
    inputs = model.data_preprocessor(data_of())['inputs']
    frames = inputs[:, 0].transpose(1, 2).flatten(0, 1)
    image = clip.encode_image(frames).unflatten(0, (2, 4)).mean(dim=1)
    tokens = model.cls_head.tokenizer(model.classnames)
    text = clip.encode_text(tokens, normalize=True)
    expected = clip.logit_scale.exp() * F.normalize(image, dim=-1) @ text.T
    assert largest_difference(scores_of(model, data_of()), expected) < 1e-5


@pytest.mark.parametrize('backbone', BACKBONES)
def test_loss_mode(build, backbone):
    model = build(backbone).train()
    data = model.data_preprocessor(data_of(), training=True)
    losses = model(**data, mode='loss')
    logits = scores_of(model, data_of())
    expected = F.cross_entropy(logits, torch.tensor([0, 1]))
    assert largest_difference(losses['loss_cls'], expected) < 1e-5
    losses['loss_cls'].backward()
    for name, parameter in model.named_parameters():
        moved = parameter.grad is not None and parameter.grad.abs().max() > 0
        assert moved == ('text_encoder' not in name), name


def test_tensor_mode(build):
    model = build()
    inputs = model.data_preprocessor(data_of(views=2))['inputs']
    assert model(inputs).shape == (4, 4, 24)
    logits = model(inputs, mode='tensor', stage='head')
    assert logits.shape == (4, 3)
    averaged = logits.unflatten(0, (2, 2)).mean(dim=1)
    assert largest_difference(averaged, scores_of(model, data_of(views=2))) < (
        1e-5
    )


@pytest.mark.parametrize('average', ['score', 'prob'])
def test_predict_mode_averages_the_views_of_a_video(build, average):
    model = build(head=dict(average_clips=average))
    data = data_of(views=3)
    samples = model.test_step(data)
    single = []
    for view in range(3):
        inputs = [video[view : view + 1] for video in data['inputs']]
        single.append(scores_of(model, data_of() | dict(inputs=inputs)))
    expected = torch.stack(single).mean(dim=0)
    scores = torch.stack([sample.pred_score for sample in samples])
    assert largest_difference(scores, expected) < 1e-5
    labels = torch.cat([sample.pred_label for sample in samples])
    assert torch.equal(labels, scores.argmax(dim=1))
    assert [sample.gt_label.item() for sample in samples] == [0, 1]


def test_views_may_be_encoded_a_few_at_a_time(build):
    """MMAction2's ``max_testing_views``, for many views of one video."""
    expected = scores_of(build(), data_of(videos=1, views=5))
    model = build(test_cfg=dict(max_testing_views=2))
    scores = scores_of(model, data_of(videos=1, views=5))
    assert largest_difference(scores, expected) < 1e-5


@pytest.mark.parametrize('backbone', BACKBONES)
def test_encoders_reproduce_the_logits(build, backbone):
    model = build(backbone)
    inputs = model.data_preprocessor(data_of(views=2))['inputs']
    video = model.encode_video(inputs)
    text = model.encode_text(NAMES)
    assert video.shape == (2, 2, 24) and text.shape == (3, 24)
    logits = model.cls_head.logit_scale.exp() * video @ text.T
    scores = scores_of(model, data_of(views=2))
    assert largest_difference(logits.mean(dim=1), scores) < 1e-5


def test_vocabulary_may_change(build):
    model = build()
    scores_of(model, data_of())
    model.set_vocabulary(['push box', 'open ball'])
    assert model.classnames == ('push box', 'open ball')
    assert scores_of(model, data_of()).shape == (2, 2)


# --- weights ---


def clip_names(names):
    """Names of CLIP, written as the docstring of the class says."""
    out = {}
    for name in names:
        key = f'cls_head.text_encoder.{name}'
        if name.startswith('visual.'):
            key = 'backbone.' + name[len('visual.') :]
        elif name == 'logit_scale':
            key = 'cls_head.logit_scale'
        out[key] = name
    return out


@pytest.mark.parametrize('backbone', BACKBONES)
def test_state_dict_is_that_of_clip_key_for_key(build, files, backbone):
    content = files[2]
    state_dict = build(backbone).state_dict()
    names = clip_names(content)
    assert state_dict.keys() == names.keys()
    expected = {key: content[name] for key, name in names.items()}
    assert largest_difference(state_dict, expected) == 0


def test_init_weights_changes_nothing(build):
    model = build()
    before = {k: v.clone() for k, v in model.state_dict().items()}
    model.init_weights()
    assert largest_difference(dict(model.state_dict()), before) == 0


def test_clip_state_dict_is_the_file_under_the_models_names(build):
    model = build()
    before = {k: v.clone() for k, v in model.state_dict().items()}
    for parameter in model.parameters():
        parameter.data.add_(1)
    clip = model.clip_state_dict()
    assert largest_difference(clip, before) == 0
    assert not any(value.requires_grad for value in clip.values())
    model.load_state_dict(clip)


def test_no_reference_without_weights(build):
    model = build(weights=None)
    assert scores_of(model, data_of()).isfinite().all()
    with pytest.raises(ValueError, match='built with weights=None'):
        model.clip_state_dict()


def test_weights_must_exist(build):
    with pytest.raises(FileNotFoundError, match="'nowhere.pt' is no file"):
        build(weights='nowhere.pt')


def test_weights_must_fit(build):
    with pytest.raises(ValueError, match='does not fit'):
        build(arch=tiny_arch(layers=2))


def test_backbone_must_take_all_of_clip(build):
    class Headless(CLIPViT):
        def __init__(self, arch):
            super().__init__(arch)
            del self.proj

    match = r"Headless or TextHead has no place for .*\['backbone.proj'\]"
    with pytest.raises(ValueError, match=match):
        build(backbone=Headless)


def test_frozen_and_trained_parts(build):
    frozen = {
        name
        for name, parameter in build().named_parameters()
        if not parameter.requires_grad
    }
    assert frozen and all('cls_head.text_encoder' in name for name in frozen)
    model = build(head=dict(text_trainable=True))
    assert all(p.requires_grad for p in model.parameters())


# --- MMAction2's own inference ---


def test_inference_recognizer(build, tmp_path):
    path = write_video(tmp_path / 'clip.mp4', num_frames=20, size=(64, 48))
    init_default_scope('mmaction')
    pipeline = Compose(
        [
            dict(type='VideoInit'),
            dict(type='SampleFrames', clip_len=4, num_clips=2, test_mode=True),
            dict(type='VideoDecode'),
            dict(type='Resize', scale=(-1, 32)),
            dict(type='CenterCrop', crop_size=32),
            dict(type='FormatShape', input_format='NCTHW'),
            dict(type='PackActionInputs'),
        ]
    )
    model = build(head=dict(average_clips='prob'))
    result = inference_recognizer(model, str(path), pipeline)
    assert result.pred_score.shape == (3,)
    assert result.pred_score.sum().item() == pytest.approx(1)
    assert result.pred_label.item() == result.pred_score.argmax().item()


# --- image-level fusion ---


def test_separate_frames_each_have_a_loss(build):
    """The same as a batch of images, each with the label of its video."""
    model = build('CLIPViT', frames_as_samples=True).train()
    data = model.data_preprocessor(data_of(frames=3), training=True)
    losses = model(**data, mode='loss')
    losses['loss_cls'].backward()
    grad = model.backbone.proj.grad.clone()

    model.zero_grad()
    images = data['inputs'][:, 0].transpose(1, 2).flatten(0, 1)
    images = images[:, :, None].unsqueeze(1)
    labels = [0, 0, 0, 1, 1, 1]
    samples = [ActionDataSample().set_gt_label(i) for i in labels]
    expected = model(images, samples, mode='loss')
    expected['loss_cls'].backward()
    for key in losses:
        assert largest_difference(losses[key], expected[key]) < 1e-6
    assert largest_difference(grad, model.backbone.proj.grad) < 1e-6


def test_separate_frames_are_scored_as_their_mean_logits(build):
    data = data_of(frames=3)
    scores = scores_of(build(frames_as_samples=True), data)
    model = build(head=dict(fusion='logit_mean'))
    assert torch.equal(scores, scores_of(model, data))


class TextOfTheVideo(TextHead):
    """A head whose text depends on the mean frame of the video."""

    def text_for(self, x):
        shift = x.mean(dim=1, keepdim=True)
        return F.normalize(self.text_features + shift, dim=-1)


def test_separate_frames_meet_the_text_of_their_video(build):
    head = dict(type=TextOfTheVideo)
    model = build('CLIPViT', head=head, frames_as_samples=True).train()
    data = model.data_preprocessor(data_of(frames=3), training=True)
    loss = model(**data, mode='loss')['loss_cls']
    frames = model.extract_feat(data['inputs'])[0]
    text = model.cls_head.text_for(frames)
    logits = F.normalize(frames, dim=-1) @ text.transpose(1, 2)
    logits = model.cls_head.logit_scale.exp() * logits
    labels = torch.tensor([0, 1])[:, None].expand(2, 3)
    expected = F.cross_entropy(logits.flatten(0, 1), labels.flatten())
    assert largest_difference(loss, expected) < 1e-5
