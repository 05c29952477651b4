"""Broken video files cost themselves: no run, no page, no tool ends."""

import av
import numpy as np
import pytest
from mmaction.registry import DATASETS
from mmengine.dataset import pseudo_collate
from mmengine.registry import init_default_scope
from torch.utils.data import DataLoader

import mmovar  # noqa: F401
from mmovar.apis.inference import UnreadableVideoError
from mmovar.datasets.preparation.decoding import DecodingRecord, decode_all
from mmovar.demo.limits import duration

CODECS = (('avi', 'mpeg4'), ('mp4', 'mpeg4'), ('mkv', 'libx264'))


def write_noise(path, codec):
    """Write a second of noise, and return the file's bytes."""
    random = np.random.default_rng(0)
    with av.open(path, 'w') as container:
        stream = container.add_stream(codec, rate=25)
        stream.width, stream.height = 64, 48
        for _ in range(25):
            picture = random.integers(0, 255, (48, 64, 3), np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, format='rgb24')
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path.read_bytes()


def broken(content, random):
    """Cut a file, or flip bits of it."""
    if random.random() < 0.5:
        return content[: random.integers(len(content))]
    flipped = np.frombuffer(content, np.uint8).copy()
    places = random.integers(len(flipped), size=random.integers(1, 200))
    flipped[places] ^= 1 << random.integers(0, 8, len(places)).astype(np.uint8)
    return flipped.tobytes()


@pytest.fixture(
    params=[40, pytest.param(200, marks=pytest.mark.slow)], ids=str
)
def videos(request, tmp_path):
    """Paths of broken videos, a third of them .avi, and of three good ones."""
    random = np.random.default_rng(request.param)
    paths = []
    for suffix, codec in CODECS:
        paths.append(tmp_path / f'good.{suffix}')
        content = write_noise(paths[-1], codec)
        for number in range(request.param // len(CODECS) + 1):
            paths.append(tmp_path / f'{number}.{suffix}')
            paths[-1].write_bytes(broken(content, random))
    return [str(path) for path in paths]


def names_of_unreadable(videos, tmp_path):
    """Read them as a run does; also check those that are read."""
    lines = [f'{path},{index % 2}' for index, path in enumerate(videos)]
    (tmp_path / 'list.csv').write_text('\n'.join(lines))
    init_default_scope('mmaction')
    dataset = DATASETS.build(
        dict(
            type='OpenVocabularyDataset',
            ann_file=str(tmp_path / 'list.csv'),
            classnames=['a', 'b'],
            test_mode=True,
            pipeline=[
                dict(type='VideoInit'),
                dict(type='UniformSample', clip_len=4, test_mode=True),
                dict(type='VideoDecode'),
                dict(type='FormatShape', input_format='NCTHW'),
                dict(type='PackActionInputs', meta_keys=('filename',)),
            ],
        )
    )
    loader = DataLoader(
        dataset, batch_size=5, num_workers=2, collate_fn=pseudo_collate
    )
    samples = [
        (clip, sample)
        for batch in loader
        for clip, sample in zip(
            batch['inputs'], batch['data_samples'], strict=True
        )
    ]
    assert [sample.filename for _, sample in samples] == videos
    for index, (clip, sample) in enumerate(samples):
        assert sample.gt_label == index % 2
        assert sample.unreadable in (None, sample.filename)
        assert (clip == 0).all() == (sample.unreadable is not None)
    return {path for _, s in samples if (path := s.unreadable)}


def test_no_broken_video_ends_what_reads_it(videos, tmp_path):
    unreadable = names_of_unreadable(videos, tmp_path)
    assert len(unreadable) > len(videos) / 8
    assert not [path for path in unreadable if 'good' in path]
    record = DecodingRecord(tmp_path / 'record.tsv')
    errors = dict(decode_all(videos, record, 2))
    assert {path for path, error in errors.items() if error} >= unreadable
    for path in videos:
        try:
            assert duration(path) > 0
        except UnreadableVideoError:
            assert path in unreadable
