"""The demo on generated clips and a tiny model."""

import csv
import json

import pytest
import torch

from helpers.bomb import Bomb
from helpers.clips import write_cut_off
from helpers.released_weights import clip_weights, vclip_weights, vifi_weights
from mmovar.clip.weight_files import UntrustedFileError
from mmovar.vocabulary import read_classnames


@pytest.fixture
def demo(load_tool, tiny_config):
    """Run tools/demo.py with the tiny model on the CPU."""

    def run(*arguments):
        options = ['--config', str(tiny_config), '--device', 'cpu']
        return load_tool('demo').main([*map(str, arguments), *options])

    return run


def test_demo_prints_a_table_per_video(demo, make_video, capsys):
    one, two = make_video('one.mp4'), make_video('two.mp4', step=5)
    code = demo(
        *(one, two, '--labels', 'archery', 'swimming', 'tai chi'),
        *('--topk', 2, '--templates', 'tai {}'),
    )
    out = capsys.readouterr().out
    assert code == 0
    assert f'{one}\n' in out
    assert f'{two}\n' in out
    assert out.count(' %  ') == 4


def test_demo_runs_in_half_precision(demo, make_video, tmp_path):
    table = tmp_path / 'table.json'
    found = []
    for amp in ([], ['--amp']):
        torch.manual_seed(0)  # of the weights
        demo(make_video(), '--labels', 'tai', 'chi', '--out', table, *amp)
        rows = json.loads(table.read_text())
        found.append({row['label']: row['probability'] for row in rows})
    full, half = found
    assert full == pytest.approx(half, abs=0.05) and full != half


def test_demo_reads_labels_from_a_file(demo, make_video, tmp_path, capsys):
    (tmp_path / 'labels.txt').write_text('archery\nswimming\n')
    demo(make_video(), '--labels', tmp_path / 'labels.txt')
    assert 'swimming' in capsys.readouterr().out


def test_labels_are_a_list_by_name_or_file(load_tool, make_video, monkeypatch):
    tool, asked = load_tool('demo'), []

    def build(config, checkpoint, labels, *_, **__):
        asked.append(read_classnames(labels))
        raise ValueError('built')

    monkeypatch.setattr(tool, 'init_recognizer', build)
    for name in ('kinetics600', 'ssv2', 'ucf101:camel'):
        with pytest.raises(ValueError, match='built'):
            tool.main([str(make_video()), '--labels', name])
    assert [len(names) for names in asked] == [600, 174, 101]
    with pytest.raises(FileNotFoundError, match=r'not found: nosuch\.txt'):
        tool.main([str(make_video()), '--labels', 'nosuch.txt'])


def test_demo_writes_a_page_that_shows_broken_videos_too(
    demo, make_video, tmp_path, capsys
):
    folder = make_video('a.mp4').parent
    (folder / 'b.mp4').write_bytes(b'no video')
    page = tmp_path / 'page.html'
    code = demo(folder, '--labels', 'archery', 'swimming', '--out', page)
    assert code == 1
    assert 'cannot be read' in capsys.readouterr().out
    text = page.read_text()
    assert text.count('<section>') == 2
    assert text.count('<img') == 2
    assert 'class="error"' in text


def test_demo_writes_a_table_of_labels_and_errors(demo, make_video, tmp_path):
    video = str(make_video())
    broken = tmp_path / 'broken.mp4'
    broken.write_bytes(b'no video')
    for suffix in ('csv', 'json'):
        demo(
            *(video, str(broken), '--labels', 'archery', 'tai chi'),
            *('--out', str(tmp_path / f'p.{suffix}')),
        )
    with (tmp_path / 'p.csv').open(newline='') as file:
        rows = list(csv.DictReader(file))
    assert [row['video'] for row in rows] == [video, video, str(broken)]
    assert {row['label'] for row in rows[:2]} == {'archery', 'tai chi'}
    assert sum(float(r['probability']) for r in rows[:2]) == pytest.approx(1)
    assert rows[2]['error'] and not rows[2]['label']
    found = json.loads((tmp_path / 'p.json').read_text())
    assert [row['video'] for row in found] == [row['video'] for row in rows]
    assert [list(row) for row in found] == [list(row) for row in rows]
    assert found[2]['error'] == rows[2]['error']


@pytest.mark.parametrize('kind', ['html', 'csv'])
def test_demo_tells_that_a_video_is_damaged(demo, tmp_path, capsys, kind):
    video, out = write_cut_off(tmp_path / 'cut.avi'), tmp_path / f'p.{kind}'
    demo(video, '--labels', 'archery', 'tai chi', '--out', out)
    assert '  damaged: ' in capsys.readouterr().out
    assert 'damaged: ' in out.read_text()


def test_checkpoint_or_labels_are_needed(demo, make_video, capsys):
    with pytest.raises(SystemExit):
        demo(str(make_video()))
    assert 'give videos and --labels (or --checkpoint)' in (
        capsys.readouterr().err
    )


def test_demo_writes_one_annotated_video_each(demo, make_video, tmp_path):
    one, two = make_video('x/clip.mp4'), make_video('y/clip.mp4')
    out = tmp_path / 'out'
    demo(one, two, '--labels', 'archery', 'swimming', '--out', out)
    names = sorted(path.name for path in out.iterdir())
    assert names == ['clip_labels.mp4', 'clip_labels_2.mp4']
    demo(one, '--labels', 'archery', '--out', tmp_path / 'named.mp4')
    assert (tmp_path / 'named.mp4').is_file()


def test_demo_refuses_one_file_for_many_videos(demo, make_video, tmp_path):
    folder = make_video('a.mp4').parent
    make_video('b.mp4')
    with pytest.raises(ValueError, match='name a folder'):
        demo(folder, '--labels', 'archery', '--out', tmp_path / 'one.mp4')


def test_default_config_is_in_the_tree(load_tool):
    assert load_tool('demo').CONFIG.is_file()


def test_demo_takes_a_released_file_without_a_config(
    load_tool, make_video, tmp_path, capsys
):
    torch.save({'model': vifi_weights()}, tmp_path / 'release.pth')
    torch.save(clip_weights(), tmp_path / 'clip.pt')
    tool = load_tool('demo')
    arguments = [
        *(str(make_video()), '--labels', 'archery', 'tai chi'),
        *('--weights', 'release.pth', '--base', 'clip.pt'),
        *('--num-frames', '2', '--device', 'cpu'),
    ]
    assert tool.main(arguments) == 0
    assert capsys.readouterr().out.count(' %  ') == 2
    with pytest.raises(SystemExit):
        tool.main([*arguments, '--checkpoint', 'other.pth'])


def test_demo_refuses_a_released_file_that_runs_code(
    load_tool, make_video, tmp_path
):
    trace = tmp_path / 'trace'
    content = {'model': vclip_weights(), 'config': Bomb(trace)}
    torch.save(content, tmp_path / 'release.pth')
    arguments = [
        *(str(make_video()), '--labels', 'archery', 'tai chi'),
        *('--weights', 'release.pth', '--num-frames', '2', '--device', 'cpu'),
    ]
    with pytest.raises(UntrustedFileError, match='--skip-foreign'):
        load_tool('demo').main(arguments)
    assert load_tool('demo').main([*arguments, '--skip-foreign']) == 0
    assert not trace.exists()
