import pickle

import pytest
from mmaction.registry import DATASETS
from mmengine.registry import init_default_scope

from helpers.exit_codes import exit_code
from helpers.frame_folders import (
    box_masks,
    frames_of,
    noise,
    pipeline,
    write_frames,
)
from mmovar.datasets.io.frame_source import read_image

ARCHERY, YOYO = 'v_Archery_g01_c01', 'v_YoYo_g02_c03'


@pytest.fixture
def make(load_tool, tmp_path):
    """Run tools/data/make_scuba.py on three videos, two with boxes."""
    for name in (ARCHERY, YOYO, 'v_Flying_g01_c01'):
        write_frames(tmp_path / 'videos' / name, noise(6, 24, 32))
    boxes = {
        f'X/{name}': [[f, 2, 2, 9, 9] for f in (2, 3, 4)]
        for name in (ARCHERY, YOYO)
    }
    (tmp_path / 'boxes.pkl').write_bytes(
        pickle.dumps({'gttubes': {k: {0: [v]} for k, v in boxes.items()}}, 2)
    )

    def run(*options, out='out', masks='boxes.pkl'):
        given = dict(
            videos=tmp_path / 'videos',
            masks=tmp_path / masks,
            background='stripe',
            classnames='ucf101',
            out=tmp_path / out,
        )
        argv = [w for k, v in given.items() for w in (f'--{k}', str(v))]
        main = load_tool('data/make_scuba').main
        return exit_code(main, [*argv, *options])

    return run


def test_clips_list_and_sheet_are_made_and_read(make, tmp_path, capsys):
    assert make('--copies', '2') == 0
    text = capsys.readouterr().out
    assert '1 videos are of no known class' in text
    assert '4 clips, 12 frames' in text
    assert (tmp_path / 'out/list.txt').read_text().splitlines() == [
        f'{ARCHERY}__0 3 2',
        f'{ARCHERY}__1 3 2',
        f'{YOYO}__0 3 100',
        f'{YOYO}__1 3 100',
    ]
    sheet = read_image(tmp_path / 'out/contact_sheet.png')
    assert sheet.shape[0] > 700 and sheet.std() > 20
    init_default_scope('mmaction')
    dataset = DATASETS.build(
        dict(
            type='SCUBADataset',
            ann_file='out/list.txt',
            scuba_root='out',
            data_root=str(tmp_path),
            classnames='ucf101',
            pipeline=pipeline(num_frames=3),
        )
    )
    seen = [frames_of(data)[0] for data in dataset]
    assert len(seen) == 4
    for frames in seen:
        assert (frames[0, 20:] == frames[2, 20:]).all()  # stands still


def test_a_killed_call_goes_on_and_other_settings_are_refused(
    make, tmp_path, capsys
):
    assert make('--copies', '1') == 0
    before = (tmp_path / 'out/list.txt').read_text()
    file = tmp_path / f'out/{ARCHERY}__0/frame000001.jpg'
    made = file.stat().st_mtime_ns
    (tmp_path / f'out/{YOYO}__0').rename(tmp_path / 'lost')
    assert make('--copies', '1') == 0
    assert (tmp_path / 'out/list.txt').read_text() == before
    assert file.stat().st_mtime_ns == made
    again = tmp_path / f'out/{YOYO}__0/frame000002.jpg'
    assert again.read_bytes() == (tmp_path / 'lost' / again.name).read_bytes()
    capsys.readouterr()
    assert make('--copies', '1', '--seed', '3') == 2
    assert 'other settings: seed 0, now 3' in capsys.readouterr().err


def test_videos_without_mask_are_named(make, tmp_path, capsys):
    write_frames(tmp_path / 'masks' / YOYO, box_masks(6, 24, 32, (1, 1, 9, 9)))
    assert make(masks='masks') == 0
    assert f'{ARCHERY}: no mask' in (tmp_path / 'out/skipped.txt').read_text()
    assert f'{ARCHERY}: no mask' in capsys.readouterr().out


def test_bad_input_is_one_clear_error(make, tmp_path, capsys):
    def error(*options, **paths):
        assert make(*options, **paths) == 2
        return capsys.readouterr().err

    assert 'masks not found' in error(masks='nowhere')
    assert 'no folder nowhere' in error('--background', 'nowhere')
    assert 'copies must be in 1' in error('--copies', '0')
    assert 'tells a class' in error('--classnames', 'hmdb51')
    boxes = {'v_Other_g01_c01': [[1, 1, 1, 2, 2]]}
    (tmp_path / 'other.pkl').write_bytes(pickle.dumps(boxes))
    text = error(masks='other.pkl', out='other')
    assert "masks of 1 videos such as 'v_Other_g01_c01'" in text
    (tmp_path / 'list.txt').write_text(f'{ARCHERY} 3\n')
    listed = ('--list', str(tmp_path / 'list.txt'))
    assert 'do not fit' in error(*listed)
