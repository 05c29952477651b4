"""Open-vocabulary inference on files."""

from pathlib import Path

import numpy as np
import pytest
import torch

from helpers.clips import write_cut_off, write_film
from mmovar.apis import (
    find_videos,
    init_recognizer,
    iter_recognitions,
    recognize,
)

LABELS = ('archery', 'swimming', 'tai chi')


@pytest.fixture
def model(tiny_config):
    torch.manual_seed(0)
    return init_recognizer(tiny_config, classnames=LABELS, device='cpu')


def test_probabilities_of_all_labels_sum_to_one_best_first(model, make_video):
    (result,) = recognize(model, make_video(), topk=9)
    assert set(result.labels) == set(LABELS)
    assert sum(result.probabilities) == pytest.approx(1)
    assert list(result.probabilities) == sorted(result.probabilities)[::-1]
    assert result.error is None
    assert result.frames is None


def test_it_agrees_with_mmactions_own_inference(model, make_video):
    from mmaction.apis import inference_recognizer

    video = str(make_video())
    (result,) = recognize(model, video, topk=3)
    score = inference_recognizer(model, video).pred_score.softmax(-1)
    expected = dict(zip(LABELS, score.tolist(), strict=True))
    for label, value in zip(result.labels, result.probabilities, strict=True):
        assert value == pytest.approx(expected[label], abs=1e-6)


@pytest.mark.parametrize('average', ['prob', None])
def test_probabilities_do_not_depend_on_who_averages_the_views(
    tiny_config, make_video, average
):
    torch.manual_seed(0)
    model = init_recognizer(
        tiny_config,
        classnames=LABELS,
        device='cpu',
        options={'model.cls_head.average_clips': 'prob'},
    )
    (expected,) = recognize(model, make_video(), topk=3)
    model.cls_head.average_clips = average
    (result,) = recognize(model, make_video(), topk=3)
    assert result.probabilities == pytest.approx(expected.probabilities)


def test_labels_can_be_changed_and_reordered_without_rebuilding(
    model, make_video
):
    video = make_video()
    (before,) = recognize(model, video, topk=3)
    (after,) = recognize(model, video, LABELS[::-1], topk=3)
    assert after.labels == before.labels
    assert after.probabilities == pytest.approx(before.probabilities)
    (one,) = recognize(model, video, ['chi'])
    assert (one.labels, one.probabilities) == (('chi',), (1.0,))


def test_broken_video_is_reported_and_the_rest_goes_on(model, make_video):
    good = make_video('b.mp4')
    (good.parent / 'a.mp4').write_bytes(b'no video')
    broken, fine = recognize(model, good.parent)
    assert broken.video.endswith('a.mp4')
    assert broken.error
    assert broken.labels == ()
    assert fine.error is None


def test_what_is_wrong_with_a_damaged_video_is_told(model, tmp_path):
    (told,) = recognize(model, write_cut_off(tmp_path / 'cut.avi'))
    assert told.error is None
    assert told.labels
    assert 'frames are missing' in told.damage


def test_error_of_the_pipeline_is_not_taken_for_a_broken_video(
    model, make_video
):
    model.cfg.test_pipeline.insert(0, dict(type='VideoDecode'))
    with pytest.raises(KeyError):
        recognize(model, make_video())


def test_frames_are_those_the_middle_view_saw_in_order(model, make_video):
    video = make_video(frames=12, step=20)
    (result,) = iter_recognitions(model, video, with_frames=True)
    assert result.frames.shape == (2, 32, 32, 3)
    assert result.frames.dtype == np.uint8
    first, second = result.frames.mean(axis=(1, 2, 3))
    assert second - first == pytest.approx(40, abs=6)


def test_checkpoint_brings_its_weights_and_labels(
    tiny_config, model, make_video, tmp_path
):
    path = tmp_path / 'epoch_1.pth'
    torch.save(dict(state_dict=model.state_dict()), path)
    loaded = init_recognizer(tiny_config, path, device='cpu')
    assert loaded.classnames == LABELS
    # as runs before class names stood beside the weights
    meta = dict(dataset_meta=dict(classes=LABELS))
    torch.save(dict(state_dict=dict(model.state_dict()), meta=meta), path)
    assert init_recognizer(tiny_config, path).classnames == LABELS
    (expected,) = recognize(model, make_video())
    (result,) = recognize(loaded, make_video())
    assert result == expected


def test_model_without_labels_says_so(tiny_config, make_video):
    model = init_recognizer(tiny_config, device='cpu')
    with pytest.raises(ValueError, match='class names'):
        recognize(model, make_video())


def test_topk_below_one_is_refused(model, make_video):
    with pytest.raises(ValueError, match='0'):
        recognize(model, make_video(), topk=0)


def test_config_without_a_pipeline_is_refused(toy_config):
    with pytest.raises(KeyError, match='test_pipeline'):
        init_recognizer(toy_config)


def test_folder_is_searched_to_any_depth_for_known_suffixes(tmp_path):
    names = ['b.MP4', 'deep/er/a.avi', 'notes.txt']
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = find_videos(tmp_path)
    assert [Path(f).name for f in found] == ['b.MP4', 'a.avi']
    assert find_videos([tmp_path / 'notes.txt', tmp_path / 'deep']) == [
        str(tmp_path / 'notes.txt'),
        str(tmp_path / 'deep' / 'er' / 'a.avi'),
    ]


def test_missing_video_and_empty_folder_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match='gone.mp4'):
        find_videos(tmp_path / 'gone.mp4')
    with pytest.raises(ValueError, match='holds no video'):
        find_videos([tmp_path])


def test_the_containers_of_published_videos_decode(model, tmp_path):
    h264 = ('-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-bf', '2')
    sound = ('-f', 'lavfi', '-i', 'sine', '-c:a', 'aac')
    for name, options, more in (
        ('ucf101.avi', ('-c:v', 'libxvid'), dict(fps=25)),
        ('hmdb51.avi', ('-c:v', 'libxvid', '-bf', '2'), dict(fps=30)),
        ('kinetics.mp4', (*sound, *h264), dict(fps='30000/1001')),
        ('decord.mkv', h264, dict(size='454x256')),
        ('ssv2.webm', ('-c:v', 'libvpx-vp9'), dict(fps=12)),
    ):
        write_film(tmp_path / name, *options, **more)
    results = recognize(model, tmp_path)
    assert [r.video for r in results if r.error] == []
    assert len(results) == 5
    assert len({tuple(r.probabilities) for r in results}) == 5
