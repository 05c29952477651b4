import numpy as np
import pytest
from mmaction.registry import DATASETS
from mmengine.registry import init_default_scope

from helpers.exit_codes import exit_code
from helpers.frame_folders import box_masks, frames_of, pipeline, write_frames
from mmovar.datasets.io.frame_source import read_image
from mmovar.datasets.out_of_context.swaps import read_swaps
from mmovar.vocabulary import read_classnames

NAMES = read_classnames('ucf101')
BOW, TOY, BIKE = 'v_Archery_g01_c01', 'v_YoYo_g02_c03', 'v_Biking_g01_c01'
GREY = {BOW: 40, TOY: 100, BIKE: 160}


@pytest.fixture
def make(load_tool, tmp_path):
    """Run tools/data/make_hat.py on three grey videos with a white box."""
    masks = box_masks(6, 32, 64, (4, 8, 12, 20), step=(6, 0))
    for name, value in GREY.items():
        frames = np.full((6, 32, 64, 3), value, np.uint8)
        frames[masks > 0] = 250
        write_frames(tmp_path / 'videos' / name, frames)
        write_frames(tmp_path / 'masks' / name, masks)

    def run(*options):
        given = dict(
            videos=tmp_path / 'videos',
            masks=tmp_path / 'masks',
            classnames='ucf101',
            out=tmp_path / 'out',
        )
        argv = [w for k, v in given.items() for w in (f'--{k}', str(v))]
        main = load_tool('data/make_hat').main
        return exit_code(main, [*argv, *options])

    return run


def test_videos_are_made_and_read_with_their_backgrounds(
    make, tmp_path, capsys
):
    assert make('--swap', 'random', '--seed', '2') == 0
    assert '3 videos in' in capsys.readouterr().out
    name = 'actionswap_random_2'
    swaps = read_swaps(tmp_path / f'out/{name}.csv', NAMES)
    assert {swap.foreground.split('/')[1] for swap in swaps} == set(GREY)
    assert read_image(tmp_path / f'out/{name}.png').std() > 20
    init_default_scope('mmaction')
    dataset = DATASETS.build(
        dict(
            type='HATDataset',
            ann_file=f'out/{name}.csv',
            hat_root='out',
            rendered=name,
            variant='random',
            data_root=str(tmp_path),
            classnames='ucf101',
            pipeline=pipeline(num_frames=3),
        )
    )
    for swap, data in zip(swaps, dataset, strict=True):
        sample = data['data_samples']
        assert sample.gt_label.tolist() == [swap.label]
        assert sample.metainfo['background_label'] == swap.background_label
        behind = np.median(frames_of(data))
        assert abs(behind - GREY[swap.background.split('/')[1]]) < 4
    videos = list((tmp_path / 'out').rglob('*.mp4'))
    times = [video.stat().st_mtime_ns for video in videos]
    assert make('--swap', 'random', '--seed', '2') == 0
    assert [video.stat().st_mtime_ns for video in videos] == times


def test_lists_of_the_authors_are_rendered(make, tmp_path, capsys):
    path = tmp_path / 'actionswap_close_1.csv'
    path.write_text(
        f'fg,bg,bg_frames,bg_label0\nArchery/{BOW},YoYo/{TOY},6,100\n'
        f'Biking/v_Biking_g07_c01,YoYo/{TOY},6,100\n'
    )
    assert make('--swaps', str(path)) == 0
    out = tmp_path / 'out'
    assert (out / f'actionswap_close_1/Archery/{BOW}.mp4').is_file()
    assert len(read_swaps(out / 'actionswap_close_1.csv', NAMES)) == 1
    skipped = (out / 'actionswap_close_1_skipped.txt').read_text()
    assert 'v_Biking_g07_c01: no video of' in skipped
    path.write_text(
        f'fg,bg,bg_frames,bg_label0\nArchery/{BOW},Biking/{BIKE},6,10\n'
    )
    assert make('--swaps', str(path)) == 2
    assert 'begun with other settings: swaps' in capsys.readouterr().err


def test_bad_input_is_one_clear_error(make, tmp_path, capsys):
    assert make('--swap', 'same') == 2
    assert "no background for a 'same' swap" in capsys.readouterr().err
    assert make('--swap', 'random', '--inpainted', 'nowhere') == 2
    assert 'folder of videos not found: nowhere' in capsys.readouterr().err
    (tmp_path / 'bad.pickle').write_bytes(b'cos\nsystem\n(S"touch ran"\ntR.')
    assert make('--swaps', str(tmp_path / 'bad.pickle')) == 2
    assert 'refused, it wants to use os.system' in capsys.readouterr().err
    assert not (tmp_path / 'ran').exists()
    assert make('--swap', 'close') == 2
