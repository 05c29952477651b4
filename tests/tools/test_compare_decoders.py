"""Frames that decord gives wrong are counted."""

import pytest

from helpers.numbered import cut_without_encoding, write_numbered


@pytest.fixture
def compare(load_tool, repo):
    """Run tools/data/compare_decoders.py with the pipeline of Open-VCLIP."""
    config = str(repo / 'configs/open_vclip/k400_zs.py')

    def run(folder, *options):
        argv = [str(folder), '--config', config, *options]
        return load_tool('data/compare_decoders').main(argv)

    return run


def test_pictures_that_are_others_are_counted(compare, tmp_path, capsys):
    """decord counts what an edit list hides, and shows the last one again."""
    videos = tmp_path / 'videos'
    videos.mkdir()
    film = write_numbered(videos / 'whole.mp4', count=90, g=250)
    assert compare(videos) == 0
    assert 'for 0 of 24 frames, in 0 of 1 videos' in capsys.readouterr().out
    cut_without_encoding(film, videos / 'cut.mp4', hidden=23)
    (videos / 'text.avi').write_text('no video')
    assert compare(videos, '--timeout', '5') == 0
    out = capsys.readouterr().out
    assert 'text.avi: unreadable: ' in out
    assert 'cut.mp4: ' in out  # other frames, or no answer at all


def test_a_folder_without_videos_is_an_error(compare, tmp_path):
    with pytest.raises(FileNotFoundError, match='no video in'):
        compare(tmp_path)
