"""The table of a GPU, on a CPU: it must run the first time a GPU is lent."""

import pytest


@pytest.fixture
def gpu(load_tool):
    return load_tool('profiling/gpu')


def test_rows_have_speed_share_of_the_peak_memory_and_calls(gpu, tmp_path):
    table = tmp_path / 'gpu.md'
    rows = ['Open-MeDe', 'TC-CLIP, test']
    line = ['--out', str(table), '--tiny', '--no-tests', '--rows', *rows]
    gpu.main(
        [*line, *('--repeats', '1', '--warm-up', '1', '--peak-tflops', '.01')]
    )
    text = table.read_text()
    assert text.startswith('CPU, torch ') and 'bfloat16' in text
    found = [
        r.split(' | ') for r in text.splitlines() if r[:3] in ('| O', '| T')
    ]
    assert [row[0] for row in found] == ['| Open-MeDe', '| TC-CLIP, test']
    for row in found:
        assert row[1] == '2'
        assert 0 < float(row[4]) < 1 and int(row[6].strip(' |')) > 100


def test_every_row_names_a_config(gpu, repo):
    for row in gpu.ROWS:
        assert (repo / f'configs/{row.config}.py').is_file(), row
