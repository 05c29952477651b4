"""Cells of a protocol on rendered videos: test.py, report.py, benchmark.py."""

import json
import sys

import pytest

from helpers.clips import truncate, write_video
from helpers.tiny_config import CONFIGS, tiny, write_weights
from mmovar.benchmark import build_protocol, read_records

NAMES = ('ApplyEyeMakeup', 'Archery', 'YoYo')
BROKEN = 'v_Archery_g01_c01.mp4'


def video(name, group, clip):
    return f'v_{name}_g{group:02d}_c{clip:02d}.mp4'


@pytest.fixture
def data(tmp_path):
    """Videos of three classes of UCF101, in three lists that share some."""
    root = tmp_path / 'data'
    for label, name in enumerate(NAMES):
        for group in (1, 2, 3):
            path = root / 'ucf101' / 'videos' / name / video(name, group, 1)
            write_video(path, size=(40, 32), gray=60 * label + 20 * group)
    truncate(root / 'ucf101' / 'videos' / 'Archery' / BROKEN)
    labels = dict(zip(NAMES, (0, 2, 100), strict=True))
    folder = root / 'datasets_splits' / 'ucf_splits'
    folder.mkdir(parents=True)
    for split, groups in enumerate(((1, 2), (2, 3), (1, 3)), start=1):
        lines = [
            f'{video(name, group, 1)} {labels[name]}'
            for group in groups
            for name in NAMES
        ]
        (folder / f'val{split}.txt').write_text('\n'.join(lines) + '\n')
    return root


@pytest.fixture
def config(tmp_path):
    """Open-MeDe's config with towers of a few weights."""
    arch = tiny(224)
    path = tmp_path / 'configs' / 'open_mede' / 'k400_zs.py'
    path.parent.mkdir(parents=True)
    weights = write_weights(arch, tmp_path / 'clip.pt')
    leaf = CONFIGS / 'open_mede' / 'k400_zs.py'
    path.write_text(f"""
_base_ = {str(leaf)!r}
model = dict(
    arch=dict(_delete_=True, **{arch!r}),
    weights={weights!r},
    cls_head=dict(templates='bare'),
)
train_dataloader = dict(num_workers=0, persistent_workers=False)
val_dataloader = dict(num_workers=0, persistent_workers=False)
test_dataloader = dict(num_workers=0)
custom_hooks = [
    dict(type='VocabularyHook'),
    dict(type='UnreadableVideoHook', max_share=0.2),
]
log_level = 'ERROR'
""")
    return path


def test_cells_leave_records_that_the_report_reads(
    load_tool, config, data, tmp_path, monkeypatch, capsys
):
    records = tmp_path / 'open_mede' / 'records'
    metrics = load_tool('test').main(
        [str(config), '--cells', 'ucf101/ep3/*', '--records', str(records)]
        + ['--selection', 'CLIP, not tuned', '--work-dir', 'elsewhere']
        + ['--cfg-options', f'data_root={data}']
    )
    found = {record.cell: record for record in read_records([records])}
    assert list(found) == [f'ucf101/ep3/{split}' for split in (1, 2, 3)]
    for name, record in found.items():
        part, whole = record.fractions['top1']
        assert whole == record.videos == 6
        assert part / whole == metrics[f'{name}/acc/top1']
        assert record.views['clips'] == 3 and record.views['frames'] == 8
        predictions = record.load_predictions()
        assert predictions.fractions()['top1'] == (part, whole)
        assert len(predictions.classnames) == 101
        assert set(predictions.truth) == {0, 2, 100}
    stem = BROKEN.removesuffix('.mp4')
    broken = [record.unreadable for record in found.values()]
    assert broken == [(stem,), (), (stem,)]
    text = load_tool('report').main([str(records), '--table', 'open-mede/2'])
    row = next(
        line
        for line in text.splitlines()
        if line.startswith('| Open-MeDe') and 'yours' in line
    )
    mean = sum(100 * r.fractions['top1'][0] / 6 for r in found.values()) / 3
    assert f'{mean:.1f} ± ' in row
    assert '6 of 3783 videos' in text
    assert '1 unreadable, counted as wrong' in text
    assert 'lacks 6 cells: hmdb51/ep3/1' in text
    monkeypatch.setenv('MMOVAR_DATA', 'data')
    line = ['ep3', '--method', 'open_mede', '--zero-shot', '--dry-run']
    line += ['--configs', str(config.parents[1]), '--work-dir', str(tmp_path)]
    bench = load_tool('benchmark')
    bench.main([*line, '--cfg-options', f'data_root={data}'])
    assert '3 of 6 cells have a record' in capsys.readouterr().out
    with pytest.raises(ValueError, match='made with another configuration'):
        bench.main([*line, '--cfg-options', 'data_root=elsewhere'])


def test_a_wrong_name_of_a_cell_says_what_there_is(load_tool, config):
    with pytest.raises(ValueError, match=r"'ucf/\*'.*'ucf101/ep3'"):
        load_tool('test').main([str(config), '--cells', 'ucf/*'])


@pytest.mark.slow
def test_benchmark_trains_and_tests_a_protocol(config, data, run_tool, repo):
    lists = data / 'kinetics400'
    for part, count in (('train', 128), ('val', 4)):
        for i in range(count):
            path = lists / f'videos_{part}' / f'{i}.mp4'
            write_video(path, size=(40, 32), gray=10 * i % 250)
        (lists / f'kinetics400_{part}_list_videos.txt').write_text(
            ''.join(f'{i}.mp4 {i % 4}\n' for i in range(count))
        )
    config.write_text(config.read_text() + 'train_cfg = dict(max_epochs=1)\n')
    command = [
        *(sys.executable, repo / 'tools' / 'benchmark.py', 'ep3'),
        *('--method', 'open_mede', '--cells', 'ucf101/*'),
        *('--configs', config.parents[1], '--data-root', data),
    ]
    run_tool(command)
    folder = config.parents[2] / 'work_dirs' / 'benchmark' / 'open_mede'
    records = read_records([folder / 'records'])
    declared = build_protocol('ep3', 'open_mede')
    assert len(records) == 3
    assert {r.selection for r in records} == {str(declared.selection)}
    assert all(r.checkpoint_sha256 for r in records)
    trained = folder / 'runs' / 'k400' / 'trained.json'
    seconds = json.loads(trained.read_text())['seconds']
    assert '3 of 3 cells have a record' in run_tool(command)
    assert json.loads(trained.read_text())['seconds'] == seconds
