import numpy as np
import pytest
from mmaction.registry import TRANSFORMS

from helpers.numbered import number_of, write_numbered


def run(path, indices, **options):
    results = dict(filename=str(path), start_index=0)
    results = TRANSFORMS.build(dict(type='VideoInit', **options))(results)
    results['frame_inds'] = np.array(indices)
    return TRANSFORMS.build(dict(type='VideoDecode'))(results)


@pytest.mark.parametrize('decoder', ['pyav', 'decord'])
def test_the_keys_are_those_of_decord_init_and_decord_decode(
    tmp_path, decoder
):
    path = write_numbered(tmp_path / 'a.mp4', rate=30)
    steps = ('mmaction.DecordInit', 'mmaction.DecordDecode')
    stock = dict(filename=str(path), start_index=0)
    stock = TRANSFORMS.build(dict(type=steps[0]))(stock)
    stock['frame_inds'] = np.array([[3], [31], [8]])
    stock = TRANSFORMS.build(dict(type=steps[1]))(stock)
    ours = run(path, [[3], [31], [8]], decoder=decoder)
    for key in ('total_frames', 'avg_fps', 'original_shape', 'img_shape'):
        assert ours[key] == stock[key]
    assert np.array_equal(ours['frame_inds'], stock['frame_inds'])
    assert np.array_equal(ours['imgs'], stock['imgs'])
    assert [number_of(image) for image in ours['imgs']] == [3, 31, 8]


def test_damage_of_the_file_comes_with_the_frames(tmp_path):
    path = write_numbered(tmp_path / 'a.avi', 'mpeg4')
    assert run(path, [3])['damage'] == ''
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    found = run(path, [3])
    assert number_of(found['imgs'][0]) == 3
    missing = 40 - found['total_frames']
    assert missing > 5 and f'{missing} frames are missing' in found['damage']


def test_an_unknown_decoder_is_an_error_of_the_config():
    for step in ('VideoInit', 'OpenFrames'):
        with pytest.raises(ValueError, match="'pyav', 'decord'.*got 'cv'"):
            TRANSFORMS.build(dict(type=step, decoder='cv'))
