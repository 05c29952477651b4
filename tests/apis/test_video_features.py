"""Embeddings of test sets and folders."""

import numpy as np
import pytest
import torch

from mmovar.apis import init_recognizer, view_frames
from mmovar.apis.video_features import encode_folder, encode_test_set

LABELS = ('archery', 'swimming')


@pytest.fixture
def config(tiny_config, tmp_path, make_video):
    """The tiny config with a test set of five videos."""
    for index in range(5):
        make_video(f'{LABELS[index % 2]}/{index}.mp4', step=4 * index)
    lines = [f'{LABELS[i % 2]}/{i}.mp4 {i % 2}\n' for i in range(5)]
    (tmp_path / 'list.txt').write_text(''.join(lines))
    (tmp_path / 'names.txt').write_text('\n'.join(LABELS))
    path = tmp_path / 'with_set.py'
    path.write_text(
        f"""
_base_ = './{tiny_config.name}'
test_cfg = dict(type='BenchmarkTestLoop', sets=dict(five=dict()))
test_dataloader = dict(
    batch_size=2, num_workers=0,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(type='OpenVocabularyDataset', data_root='{tmp_path}',
        ann_file='list.txt', data_prefix=dict(video='videos'),
        classnames='names.txt', pipeline=_base_.test_pipeline,
        test_mode=True))
"""
    )
    return path


@pytest.fixture
def model(config):
    torch.manual_seed(0)
    return init_recognizer(config, device='cpu')


def test_a_folder_has_the_features_of_its_test_set(model, tmp_path):
    videos = encode_test_set(model, 'five')
    assert videos.features.shape == (5, 16)
    assert np.linalg.norm(videos.features, axis=1) == pytest.approx(1)
    assert videos.labels.tolist() == [0, 1, 0, 1, 0]
    assert videos.classnames == LABELS
    folder = encode_folder(model, tmp_path / 'videos')
    assert folder.labels.tolist() == [0, 0, 0, 1, 1]
    assert folder.classnames == LABELS
    np.testing.assert_allclose(
        folder.features, videos.features[[0, 2, 4, 1, 3]], atol=1e-5
    )


def test_limit_takes_even_steps_of_the_list(model):
    all_videos, some = encode_test_set(model), encode_test_set(model, limit=3)
    np.testing.assert_allclose(
        some.features, all_videos.features[::2], atol=1e-5
    )
    assert some.labels.tolist() == [0, 0, 0]


def test_unknown_test_set_is_named(model):
    with pytest.raises(KeyError, match='six.*five'):
        encode_test_set(model, 'six')


def test_frames_are_what_the_model_sees(model, tmp_path):
    frames = view_frames(model, tmp_path / 'videos/swimming/3.mp4')
    assert frames.shape == (2, 32, 32, 3)
    assert frames.dtype == np.uint8
    # frames of one grey each, later ones brighter, two apart in time
    assert np.diff(frames.mean((1, 2, 3))) == pytest.approx(24, abs=3)
