import numpy as np
import pytest

from helpers.clips import write_cut_off
from mmovar.apis import init_recognizer, recognize
from mmovar.demo import Demo, DemoModel, ModelSource, load_models
from mmovar.visualization import attention_overlay

LABELS = ('archery', 'swimming', 'tai chi')


@pytest.mark.parametrize('separator', [':', ','])
def test_sources_are_read(separator):
    assert ModelSource.parse('A b=x.py') == ModelSource('A b', 'x.py')
    source = ModelSource.parse(f'A=x.py{separator}y.pth')
    assert source == ModelSource('A', 'x.py', 'y.pth')


@pytest.mark.parametrize('text', ['x.py', '=x.py', 'A=', 'A=:y.pth'])
def test_malformed_sources_are_refused(text):
    with pytest.raises(ValueError, match=r'must be NAME=CONFIG'):
        ModelSource.parse(text)


def load(sources, **options):
    parsed = [ModelSource.parse(f'{k}={v}') for k, v in sources.items()]
    return load_models(parsed, 'cpu', **options)


def test_missing_files_are_named_before_anything_loads(sources):
    with pytest.raises(FileNotFoundError, match="Third: no file 'no.pth'"):
        load({**sources, 'Third': f'{sources["CLIP"]}:no.pth'})


def test_names_differ(sources):
    source = ModelSource('CLIP', sources['CLIP'])
    with pytest.raises(ValueError, match='different names'):
        load_models([source, source])


def test_it_says_what_recognize_says(sources, make_video):
    video = str(make_video())
    look = load(sources)['Ours'].look(video, LABELS)
    config, checkpoint = sources['Ours'].split(':')
    model = init_recognizer(config, checkpoint, LABELS, 'cpu')
    (expected,) = recognize(model, video)
    said = dict(zip(LABELS, look.probabilities, strict=True))
    for label, value in zip(
        expected.labels, expected.probabilities, strict=True
    ):
        assert said[label] == pytest.approx(value, abs=1e-6)
    overlay = attention_overlay(model, look.frames)
    assert np.array_equal(look.overlay, overlay)


def test_a_damaged_video_is_called_so(sources, tmp_path):
    demo = Demo(load(sources))
    video = str(write_cut_off(tmp_path / 'cut.avi'))
    text = demo.answer(video, '\n'.join(LABELS), '', list(sources), 1).text
    assert text.count('The video is damaged: ') == 1
    assert 'frames are missing' in text


def test_alpha_goes_from_clip_to_the_checkpoint_and_back(sources, make_video):
    models, video = load(sources), str(make_video())
    clip = models['CLIP'].look(video, LABELS, alpha=0.5)
    assert clip.alpha is None
    said = {
        alpha: models['Ours'].look(video, LABELS, alpha=alpha)
        for alpha in (1, 0.5, 0)
    }
    again = models['Ours'].look(video, LABELS, alpha=1)
    assert np.array_equal(again.probabilities, said[1].probabilities)
    same = said[0].probabilities, clip.probabilities
    assert np.allclose(*same, atol=1e-6)
    for alpha in (1, 0.5):
        other = said[alpha]
        assert not np.allclose(other.probabilities, clip.probabilities)
        assert not np.array_equal(other.overlay, said[0].overlay)


def test_nothing_is_read_again_for_another_alpha(
    sources, make_video, monkeypatch
):
    model, video = load(sources)['Ours'], str(make_video())
    model.look(video, LABELS)

    def refuse(*_):
        raise RuntimeError('read again')

    monkeypatch.setattr('mmovar.demo.models.read_video', refuse)
    monkeypatch.setattr('torch.load', refuse)
    model.look(video, LABELS[:2], alpha=0.3)
    with pytest.raises(RuntimeError, match='read again'):
        model.look('another.mp4', LABELS)


def test_templates_are_used_and_forgotten(sources, make_video):
    model, video = load(sources)['CLIP'], str(make_video())
    own = model.look(video, LABELS)
    typed = model.look(video, LABELS, ['archery {}'])
    assert not np.allclose(typed.probabilities, own.probabilities)
    again = model.look(video, LABELS)
    assert np.array_equal(again.probabilities, own.probabilities)


def test_learned_prompts_stay(write_model, make_video):
    head = 'LearnablePromptTextHead'
    model = load({'A': write_model('learned', head=head)})['A']
    video = str(make_video())
    own = model.look(video, LABELS)
    typed = model.look(video, LABELS, ['archery {}'])
    assert (own.own_prompts, typed.own_prompts) == (False, True)
    assert np.array_equal(typed.probabilities, own.probabilities)


def test_a_refused_label_leaves_a_model_that_answers(sources, make_video):
    model, video = load(sources)['CLIP'], str(make_video())
    own = model.look(video, LABELS)
    with pytest.raises(ValueError, match='unknown words'):
        model.look(video, ('archery', 'juggling'), ['tai {}'])
    again = model.look(video, LABELS)
    assert np.array_equal(again.probabilities, own.probabilities)


def test_random_weights_have_no_way_to_clip(tiny_config, make_video):
    model = DemoModel(init_recognizer(tiny_config, device='cpu'))
    assert not model.moves
    look = model.look(str(make_video()), LABELS, alpha=0.2)
    assert look.alpha is None
    assert look.probabilities.sum() == pytest.approx(1)
