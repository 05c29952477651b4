from mmovar.evaluation.video_names import video_names, video_path


def test_names_are_files_with_as_many_folders_as_needed():
    paths = ['/a/x/1.avi', '/a/y/1.avi', '/a/y/2.avi']
    assert video_names(paths) == ['x/1', 'y/1', '2']


def test_names_do_not_depend_on_where_the_data_lie():
    assert video_names(['/here/x/1.mp4']) == video_names(['/there/1.mp4'])


def test_frame_folders_keep_their_name():
    name = 'v_LongJump_g01_c01__0'
    assert video_names([f'scuba/{name}']) == [name]
    assert video_path(dict(frame_dir='f'), 3) == 'f'
    assert video_path({}, 3) == 'sample 3'


def test_a_video_that_is_listed_twice_is_numbered():
    assert video_names(['v/a.mp4', 'v/a.mp4']) == ['v/a', 'v/a#2']
