"""tools/data/pack.py, and what reads its stores."""

import shutil

import numpy as np
import pytest
import torch
from mmaction.registry import DATA_SAMPLERS, DATASETS
from mmengine.config import Config
from mmengine.dataset import DefaultSampler, pseudo_collate
from mmengine.registry import init_default_scope
from torch.utils.data import DataLoader

import mmovar  # noqa: F401
from helpers.clips import write_video
from mmovar.engine import fill_options

PIPELINE = [
    dict(type='DecordInit'),
    dict(type='SampleFrames', clip_len=4, frame_interval=2),
    dict(type='DecordDecode'),
    dict(type='FormatShape', input_format='NCTHW'),
    dict(type='PackActionInputs', meta_keys=('filename',)),
]


@pytest.fixture
def root(tmp_path):
    """Eight videos of two classes, each of its own grey, and their list."""
    lines = []
    for index in range(8):
        name = f'{"ab"[index % 2]}/{index}.mp4'
        write_video(tmp_path / 'videos' / name, gray=20 * index + 10)
        lines.append(f'{name} {index % 2}')
    (tmp_path / 'list.txt').write_text('\n'.join(lines))
    return tmp_path


@pytest.fixture
def main(load_tool):
    return load_tool('data/pack').main


def pack_list(main, root, *more):
    line = [root / 'list.txt', '--videos', root / 'videos', '--out']
    return main([str(word) for word in (*line, root / 'store', *more)])


def config(root, **changes):
    return dict(
        type='OpenVocabularyDataset',
        ann_file='list.txt',
        classnames=['a', 'b'],
        data_root=str(root),
        data_prefix=dict(video='videos'),
        pipeline=PIPELINE,
        **changes,
    )


def build(root, **changes):
    init_default_scope('mmaction')
    return DATASETS.build(config(root, **changes))


def test_data_set_reads_the_store_when_the_videos_are_gone(main, root):
    plain = [data['inputs'].float().mean().item() for data in build(root)]
    assert pack_list(main, root) == 0
    shutil.rmtree(root / 'videos')
    with pytest.raises(FileNotFoundError, match='video folder not found'):
        build(root)
    packed = build(root, store=str(root / 'store'))
    means = [data['inputs'].float().mean().item() for data in packed]
    assert means == pytest.approx(plain, abs=1.5)
    assert packed[3]['data_samples'].metainfo['filename'] == str(
        root / 'videos/b/3.mp4'
    )


@pytest.mark.parametrize('workers', [0, 2])
def test_store_is_read_by_data_workers_as_by_one_process(main, root, workers):
    pack_list(main, root)
    dataset = build(root, store=str(root / 'store'))
    dataset.set_epoch(0, seed=1)
    expected = torch.stack([dataset[i]['inputs'] for i in range(8)])
    loader = DataLoader(
        dataset, 2, num_workers=workers, collate_fn=pseudo_collate
    )
    for _ in range(2):
        found = [clip for batch in loader for clip in batch['inputs']]
        assert torch.equal(torch.stack(found), expected)


@pytest.mark.parametrize(
    'kind', ['DisjointClassBatchSampler', 'SimilarClassBatchSampler']
)
def test_class_samplers_draw_from_a_store_as_from_videos(main, root, kind):
    pack_list(main, root)
    labels = []
    for store in (None, str(root / 'store')):
        dataset = build(root, store=store)
        batches = DATA_SAMPLERS.build(
            dict(
                type=kind,
                sampler=DefaultSampler(dataset, seed=3),
                batch_size=4,
            )
        )
        if kind[0] == 'S':
            batches.set_class_features(np.eye(2))
        loader = DataLoader(
            dataset, batch_sampler=batches, collate_fn=pseudo_collate
        )
        labels.append(
            [
                [sample.gt_label.item() for sample in batch['data_samples']]
                for batch in loader
            ]
        )
    assert labels[0] == labels[1] and labels[0]


def test_video_that_the_store_lacks_is_unreadable_and_named(main, root):
    write_video(root / 'videos' / 'a' / 'more.mp4')
    pack_list(main, root)
    with (root / 'list.txt').open('a') as file:
        file.write('\na/more.mp4 0\n')
    dataset = build(root, store=str(root / 'store'), test_mode=True)
    meta = dataset[8]['data_samples'].metainfo
    assert meta['unreadable'].endswith('a/more.mp4')
    assert not dataset[8]['inputs'].any()


def test_broken_videos_are_named_and_the_rest_is_packed(main, root, capsys):
    (root / 'videos/b/3.mp4').write_text('no video')
    (root / 'videos/a/4.mp4').unlink()
    assert pack_list(main, root) == 1
    told = capsys.readouterr().out
    broken = (root / 'store' / 'broken.txt').read_text()
    assert '6 videos' in told and '2 videos cannot be read' in told
    for name in ('videos/a/4.mp4', 'videos/b/3.mp4'):
        assert f'{name}: ' in told and f'{name}: ' in broken
    assert build(root, store=str(root / 'store'))[0] is not None


def test_size_speed_and_quality_are_told_and_checked(main, root, capsys):
    assert pack_list(main, root, '--stride', '2', '--check') == 0
    told = capsys.readouterr().out
    assert '8 videos' in told and ' MB; 8 now' in told and 'PSNR' in told
    assert pack_list(main, root, '--stride', '2') == 0
    assert '; 0 now' in capsys.readouterr().out
    shard = root / 'store' / 'shard_00000.tar'
    data = bytearray(shard.read_bytes())
    data[600] ^= 1
    shard.write_bytes(data)
    assert main(['--check', '--out', str(root / 'store')]) == 1
    assert 'videos/a/0.mp4: frame 0' in capsys.readouterr().out


def test_config_is_packed_whole_and_reads_the_store_by_one_option(
    main, root, tmp_path
):
    (root / 'test.txt').write_text('a/0.mp4 0\nb/1.mp4 1\n')
    loader = dict(batch_size=2, dataset=dict(config(root), store='{store}'))
    test = dict(loader, dataset=dict(loader['dataset'], ann_file='test.txt'))
    parts = dict(store=None, train_dataloader=loader, test_dataloader=test)
    path = tmp_path / 'of_mine.py'
    Config(parts).dump(path)
    store = str(root / 'store')
    assert main([str(path), '--out', store, '--frames', '3']) == 0
    read = Config.fromfile(path)
    read.merge_from_dict(dict(store=store))
    for name, length in (('train_dataloader', 8), ('test_dataloader', 2)):
        dataset = DATASETS.build(fill_options(read[name].dataset, read))
        assert len(dataset) == length
        assert type(dataset.pipeline.transforms[0]).__name__ == 'OpenPacked'
        assert np.isfinite(dataset[1]['inputs'].float().mean())


def test_stock_data_set_reads_a_store_by_two_steps(main, root):
    pack_list(main, root)
    init_default_scope('mmaction')
    steps = [
        dict(type='OpenPacked', store=str(root / 'store')),
        PIPELINE[1],
        dict(type='VideoDecode'),
        *PIPELINE[3:],
    ]
    dataset = DATASETS.build(
        dict(
            type='VideoDataset',
            ann_file=str(root / 'list.txt'),
            data_prefix=dict(video=str(root / 'videos')),
            pipeline=steps,
        )
    )
    assert dataset[7]['inputs'].float().mean() == pytest.approx(150, abs=3)


@pytest.mark.parametrize('kind', ['SCUBADataset', 'HATDataset'])
def test_clips_of_other_folders_are_not_read_from_a_store(kind, tmp_path):
    init_default_scope('mmaction')
    arguments = (
        dict(scuba_root='x')
        if kind[0] == 'S'
        else dict(hat_root='x', variant='close')
    )
    with pytest.raises(ValueError, match=f"{kind} reads .* got store='s'"):
        DATASETS.build(
            dict(
                type=kind,
                ann_file='x',
                pipeline=[],
                classnames=['a'],
                test_mode=True,
                store='s',
                **arguments,
            )
        )


@pytest.mark.parametrize(
    ('line', 'code'),
    [
        (['--out', 'x'], 2),
        (['list', '--out', 'x', '--frames', '2', '--stride', '2'], 2),
        (['list', '--out', 'x', '--workers', '0'], 2),
    ],
)
def test_command_line_is_checked(main, line, code):
    with pytest.raises(SystemExit) as end:
        main(line)
    assert end.value.code == code
