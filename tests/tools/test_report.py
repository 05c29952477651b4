"""tools/report.py on records written here."""

import csv
import io
import time
from dataclasses import replace

import numpy as np
import pytest

from helpers.results_of import record
from mmovar.benchmark import Predictions, build_protocol
from mmovar.benchmark.protocols.mini import SEEDS


def write(folder, cell, method, best, truth, classnames):
    """Write a record with predictions."""
    scores = np.zeros((len(best), len(classnames)), np.float32)
    scores[np.arange(len(best)), best] = 1
    names = [f'v{i}' for i in range(len(best))]
    found = Predictions.from_scores(names, truth, scores, classnames)
    file = f'{cell.replace("/", "-")}.npz'
    found.save(folder / method / file)
    plain = record(cell, 0, 'open_mede')
    replace(
        plain,
        method=method,
        fractions=found.fractions(),
        predictions=file,
    ).write(folder / method)


@pytest.fixture
def two_methods(tmp_path):
    truth = np.array([0, 0, 1, 1])
    for split in (1, 2, 3):
        for method, best in (('open_mede', [0, 0, 1, 0]), ('vclip', [0] * 4)):
            cell = f'ucf101/ep3/{split}'
            write(tmp_path, cell, method, best, truth, ('archery', 'diving'))
    return tmp_path


def test_report_of_a_table_of_a_paper(load_tool, two_methods, capsys):
    text = load_tool('report').main(
        [str(two_methods), '--table', 'open-mede/2']
    )
    assert text == capsys.readouterr().out
    assert 'Table 2' in text and '75.0 ± 0.0' in text
    assert 'Open-MeDe lacks 6 cells: hmdb51/ep3/1' in text
    assert '-8.7' in text  # 75.0 - 83.7


def test_protocols_with_records_are_shown_without_being_named(
    load_tool, two_methods
):
    text = load_tool('report').main([str(two_methods)])
    assert 'Zero-shot EP3' in text and '| vclip ' in text
    assert 'Few-shot' not in text


def test_comparison_of_two_methods(load_tool, two_methods):
    text = load_tool('report').main(
        [str(two_methods), '--compare', 'open_mede', 'vclip']
        + ['--confusions', '1']
    )
    assert '| ucf101/ep3/1 | 4      | +25.00' in text
    assert 'open_mede minus vclip by class on ucf101/ep3/2' in text
    assert '| diving  | +50.0' in text
    assert '| diving | archery   | 2      | 2   |' in text
    with pytest.raises(SystemExit, match=r"no record of \['nobody'\]"):
        load_tool('report').main(
            [str(two_methods), '--compare', 'nobody', 'vclip']
        )


@pytest.mark.parametrize('kind', ['markdown', 'latex', 'csv', 'html'])
def test_every_format_goes_to_a_file(load_tool, two_methods, kind):
    out = two_methods / 'deep' / 'report'
    load_tool('report').main(
        [str(two_methods), '--format', kind, '--out', str(out)]
    )
    text = out.read_text()
    assert '75' in text
    if kind == 'csv':
        rows = list(csv.DictReader(io.StringIO(text)))
        assert {row['method'] for row in rows} == {'open_mede', 'vclip'}


def write_mini(folder, method, seed, **percents):
    """Write the records of a seed, 50 percent but where said."""
    for cell in build_protocol('mini', 'mini', [seed]).cells:
        name = cell.name.split('/')[1]
        top1, parts = percents.get(name, 50), percents.get('parts', 50)
        plain = record(cell.name, top1, method='open_mede')
        fractions = dict(
            plain.fractions, object=(parts, 100), motion=(parts, 100)
        )
        replace(plain, method=method, fractions=fractions).write(
            folder / 'runs' / method
        )


@pytest.fixture
def mini_report(load_tool, tmp_path):
    def report(*options):
        return load_tool('report').main(
            ['runs', '--protocol', 'mini', *options]
        )

    return report


def row_of(text, start):
    line = next(line for line in text.splitlines() if line.startswith(start))
    return [cell.strip() for cell in line.strip('|').split('|')]


def test_mini_has_mean_and_sample_deviation_of_all_its_numbers(
    mini_report, tmp_path
):
    for seed, value in enumerate((40, 50, 60)):
        write_mini(tmp_path, 'clip', seed, known_ic=value, novel_ic=value)
        write_mini(
            tmp_path, 'vclip', seed, known_ic=90, novel_ic=60, parts=30 + seed
        )
    text = mini_report('--seeds', '0', '1', '2')
    assert row_of(text, '| frozen CLIP')[1:7] == [
        '50.0 ± 10.0',
        '50.0 ± 0.0',
        '50.0 ± 10.0',
        '50.0 ± 0.0',
        '50.0 ± 10.0',
        '49.7 ± 5.1',
    ]
    row = dict(
        zip(
            row_of(text, '| method'),
            row_of(text, '| VCLIP, plain fine-tuning'),
            strict=True,
        )
    )
    assert row['known_ic/novel_ic hm'] == '72.0 ± 0.0'
    assert row['known_ic_shuffled top1'] == '50.0 ± 0.0'
    assert row['novel_ooc motion'] == '31.0 ± 1.0'


def test_a_missing_seed_of_mini_is_named_and_not_averaged(
    mini_report, tmp_path
):
    for method, seed in (('clip', 0), ('clip', 1), ('vclip+logits', 1)):
        write_mini(tmp_path, method, seed)
    text = mini_report('--seeds', '0', '1')
    title = "VCLIP, plain fine-tuning, half of CLIP's logits"
    assert set(row_of(text, f'| {title}')[1:]) == {'missing'}
    assert f'{title} lacks 6 cells: mini/known_ic/0' in text
    assert 'mini/known_ic/1' not in text
    one = mini_report('--seeds', '1')
    assert 'missing' not in one and '±' not in row_of(one, f'| {title}')[1]


def test_differences_are_paired_by_seed(mini_report, tmp_path):
    for seed, value in enumerate((40, 50)):
        write_mini(tmp_path, 'clip', seed, known_ic=value)
        write_mini(tmp_path, 'vclip', seed, known_ic=60)
    write_mini(tmp_path, 'tc_clip', 0)
    options = ['--seeds', '0', '1', '--columns', 'known_ic top1', 'novel_ic*']
    text = mini_report(
        *options, '--differences', 'vclip:clip', 'tc_clip:vclip'
    )
    # 15 - t * 7.07 / sqrt(2), t = 12.706 with one degree of freedom
    mean = ['+15.0 [-48.5, +78.5]', '+0.0 [+0.0, +0.0]']
    assert row_of(text, '| vclip - clip')[1:3] == mean
    assert row_of(text, '| each')[1:3] == ['+20.0 +10.0', '+0.0 +0.0']
    assert row_of(text, '| tc_clip - vclip')[1] == 'missing'
    assert '| -10.0 missing ' in text
    one = mini_report('--seeds', '0', '--differences', 'vclip:clip')
    assert row_of(one, '| vclip - clip')[1] == '+20.0'
    assert '| each' not in one
    assert 'known_ooc' not in row_of(text, '| method')
    with pytest.raises(SystemExit, match=r"no record of \['nobody'\]"):
        mini_report('--differences', 'nobody:clip')
    with pytest.raises(SystemExit, match=r"fits \['x'\]"):
        mini_report('--columns', 'x')


def test_findings_stand_below_the_table(mini_report, tmp_path):
    for seed, ic in enumerate((60, 70)):
        write_mini(tmp_path, 'clip', seed, novel_ooc=45)
        write_mini(tmp_path, 'vclip', seed, novel_ic=ic, novel_ooc=20)
    text = mini_report('--seeds', '0', '1', '--columns', 'known*')
    assert (
        '- Plain tuning instead of frozen CLIP gains 15.0 points on novel '
        'classes in context (50.0 to 65.0) and loses 25.0 points out of '
        'context (45.0 to 20.0).\n'
    ) in text
    assert 'Open-MeDe' not in text  # there are no records of it


def test_differences_between_methods_of_two_setups(load_tool, tmp_path):
    for method, percent in (('tc_clip', 70), ('open_mede', 50)):
        record('ucf101/ep3/1', percent, method).write(tmp_path / method)
    text = load_tool('report').main(
        [str(tmp_path), '--differences', 'tc_clip:open_mede']
        + ['--table', 'open-mede/2']
    )
    assert row_of(text, '| tc_clip - open_mede')[1] == 'missing'
    assert row_of(text, '| each')[1] == '+20.0 missing missing'


def test_a_block_of_a_file_is_replaced(mini_report, tmp_path):
    marks = [f'<!-- mini-table:{end} -->' for end in ('start', 'end')]
    readme = tmp_path / 'README.md'
    readme.write_text('before\n{}\nold\n{}\nafter\n'.format(*marks))
    for seed in SEEDS:
        write_mini(tmp_path, 'clip', seed)
    options = ['--readme', 'README.md', '--mark', 'mini-table']
    mini_report(*options)
    once = readme.read_text()
    assert 'old' not in once and '\n## ' not in once
    assert row_of(once, '| frozen CLIP')[1] == '50.0 ± 0.0'
    assert once.startswith(f'before\n{marks[0]}\n### The embedded')
    assert once.endswith(f'\n{marks[1]}\nafter\n')
    mini_report(*options)
    assert readme.read_text() == once
    with pytest.raises(ValueError, match='other:start'):
        mini_report('--readme', 'README.md', '--mark', 'other')


def test_options_that_would_be_ignored_are_refused(mini_report):
    for options in (
        ['--mark', 'mini-table'],
        ['--differences', 'vclip'],
        ['--differences', 'vclip:clip', '--format', 'csv'],
    ):
        with pytest.raises(SystemExit, match='2'):
            mini_report(*options)


def test_rows_may_be_named(load_tool, two_methods):
    text = load_tool('report').main(
        [str(two_methods), '--table', 'open-mede/2']
        + ['--name', 'vclip=FROSTER']
    )
    row = next(r for r in text.splitlines() if r.startswith('| FROSTER'))
    assert 'yours' in row and '50.0' in row


def test_tables_are_listed_and_nothing_is_an_error(load_tool, tmp_path):
    report = load_tool('report')
    assert 'open-vclip/fig2' in report.main(['--tables'])
    with pytest.raises(SystemExit, match='no record'):
        report.main([str(tmp_path)])


def test_a_full_report_of_ucf101_takes_under_five_seconds(load_tool, tmp_path):
    rng = np.random.default_rng(0)
    names = tuple(f'class {i}' for i in range(101))
    sizes = [cell.size for cell in build_protocol('ep3', 'clip').cells[:3]]
    start = time.process_time()  # other work on the machine does not count
    for split, size in enumerate(sizes, start=1):
        features = rng.normal(size=(size, 512)).astype(np.float32)
        text = rng.normal(size=(101, 512)).astype(np.float32)
        truth = rng.integers(0, 101, size)
        for method in ('open_mede', 'vclip'):
            best = (features @ text.T).argmax(1)
            cell = f'ucf101/ep3/{split}'
            write(tmp_path, cell, method, best, truth, names)
    load_tool('report').main(
        [str(tmp_path), '--table', 'open-mede/2', '--format', 'html']
        + ['--compare', 'open_mede', 'vclip', '--confusions', '20']
        + ['--out', str(tmp_path / 'report.html')]
    )
    assert time.process_time() - start < 5
