import csv
import io
from dataclasses import replace

import pytest

from helpers.results_of import record, records
from mmovar.benchmark import (
    PAPER_TABLES,
    Predictions,
    Results,
    build_protocol,
    find_numbers,
    get_table,
    paper_table,
    paper_value,
    protocol_table,
)
from mmovar.benchmark.formats import (
    Grid,
    csv_text,
    to_csv,
    to_grid,
    to_html,
    to_latex,
    to_markdown,
)
from mmovar.benchmark.paper_numbers import notes_on

THREE = {
    'hmdb51/ep3': (54.0, 55.0, 53.0),
    'ucf101/ep3': (83.0, 82.5, 83.5),
    'k600/test': (75.8, 76.1, 75.5),
}


def zero_shot_results(**changes):
    percents = {
        f'{name}/{k}': value
        for name, values in THREE.items()
        for k, value in enumerate(values, start=1)
    }
    return Results(records('zero-shot', percents, **changes))


def lines_of(table, label):
    grid = to_grid(table)
    return {row[1]: list(row[2:]) for row in grid.rows if row[0] == label}


def test_hand_checked_table_to_the_digit():
    table = paper_table(
        get_table('tc-clip/1'), {'tc_clip': zero_shot_results()}
    )
    assert table.columns == (
        'HMDB51 top1',
        'UCF101 top1',
        'K600 top1',
        'K600 top5',
        'avg(HMDB,UCF,K600) top1',
    )
    lines = lines_of(table, 'TC-CLIP')
    # HMDB: mean 54, deviation sqrt(2/3) = 0.816; UCF: 83, sqrt(1/6) = 0.408
    # K600: 75.8, sqrt(0.06) = 0.245; average (54 + 83 + 75.8) / 3 = 70.933
    assert lines['yours'] == [
        '54.0 ± 0.8',
        '83.0 ± 0.4',
        '75.8 ± 0.2',
        '76.8 ± 0.2',
        '70.9',
    ]
    assert lines['paper'][:2] == ['54.2 ± 0.7 [1]', '82.9 ± 0.6']
    assert lines['difference'][:2] == ['-0.2', '+0.1']
    assert lines['difference'][4] == '-0.1'  # 70.933 - 71.0
    assert 'swapped' in table.footnotes[0]


def base_to_novel_percents():
    percents = {}
    for dataset, base, novel in (
        ('k400', 79, 63),
        ('hmdb51', 73, 54),
        ('ucf101', 95, 78),
        ('ssv2', 17, 13),
    ):
        for seed in (1, 2, 3):
            percents[f'{dataset}/b2n/base/{seed}'] = base + seed - 2
            percents[f'{dataset}/b2n/novel/{seed}'] = novel
    return percents


def test_base_to_novel_takes_harmonic_means_of_means():
    results = Results(records('b2n', base_to_novel_percents()))
    table = paper_table(get_table('tc-clip/3'), {'tc_clip': results})
    ours = dict(
        zip(table.columns, lines_of(table, 'TC-CLIP')['yours'], strict=True)
    )
    assert ours['K400 base'] == '79.0 ± 0.8'
    assert ours['K400 hm'] == '70.1'  # 2 * 79 * 63 / 142 = 70.099
    # averages: base 66, novel 52; 2 * 66 * 52 / 118 = 58.169
    assert (ours['avg base'], ours['avg novel']) == ('66.0', '52.0')
    assert ours['avg hm'] == '58.2'


def test_a_missing_cell_is_named_and_nothing_is_averaged_over_it():
    percents = base_to_novel_percents()
    del percents['ucf101/b2n/novel/2']
    results = Results(records('b2n', percents))
    table = paper_table(get_table('tc-clip/3'), {'tc_clip': results})
    lines = lines_of(table, 'TC-CLIP')
    ours = dict(zip(table.columns, lines['yours'], strict=True))
    for column in ('UCF101 novel', 'UCF101 hm', 'avg novel', 'avg hm'):
        assert ours[column] == 'missing'
    assert ours['UCF101 base'] == '95.0 ± 0.8'
    assert table.missing == {'TC-CLIP': ('ucf101/b2n/novel/2',)}
    assert 'ucf101/b2n/novel/2' in to_markdown([to_grid(table)])


def test_three_way_harmonic_mean_and_the_footnote_of_the_wrong_one():
    percents = {
        'ucf101/in_context': 83.9,
        'ucf101/scuba/places365': 33.5,
        **{f'ucf101/hat/close/{k}': 60.0 + k for k in (1, 2, 3)},
        **{f'ucf101/hat/far/{k}': 66.0 + k for k in (1, 2, 3)},
    }
    results = Results(records('ucf-ooc', percents, method='open_mede'))
    table = paper_table(get_table('open-mede/3'), {'open_mede': results})
    ours = dict(
        zip(table.columns, lines_of(table, 'Open-MeDe')['yours'], strict=True)
    )
    assert ours['UCF101-HAT top1'] == '65.0'  # mean of 62 and 68
    # 3 / (1/83.9 + 1/33.5 + 1/65) = 52.500
    assert ours['hm3(UCF,SCUBA,HAT) top1'] == '52.5'
    wrong = lines_of(table, 'X-CLIP')['paper']
    assert wrong[table.columns.index('hm3(UCF,SCUBA,HAT) top1')] == '20.3 [1]'
    assert '41.9' in table.footnotes[0]


def test_contrasted_accuracy_is_read_from_the_predictions(tmp_path):
    import numpy as np

    found = {}
    for kind, best in (('scuba', [0, 1, 1, 1]), ('scufo', [0, 0, 0, 0])):
        name = f'ucf101/{kind}/stripe'
        prediction = Predictions.from_scores(
            list('abcd'),
            np.array([0, 1, 1, 0]),
            np.eye(3)[best],
            ('x', 'y', 'z'),
        )
        prediction.save(tmp_path / f'{kind}.npz')
        found[name] = record(
            name, 50, 'open_mede', predictions=f'{kind}.npz'
        ).write(tmp_path)
    from mmovar.benchmark import read_records

    protocol = build_protocol('ucf-scuba', 'open_mede')
    column = protocol.column('UCF101-contrasted-stripe', 'top1')
    results = Results(read_records(found.values()))
    assert results.number(protocol, column).value == 50


@pytest.mark.parametrize('name', PAPER_TABLES)
def test_every_table_of_the_papers_prints_its_numbers(name):
    table = PAPER_TABLES[name]
    laid_out = paper_table(table, {})
    shown = [
        entry.paper
        for _, entries in laid_out.rows
        for entry in entries
        if entry.paper
    ]
    assert sorted(shown, key=str) == sorted(table.numbers(), key=str)
    keys = table.keys()
    for key in keys:
        measured = table.column(key) is not None
        assert measured == bool(table.sources[key[0]]), key
    assert to_grid(laid_out).rows


def test_no_table_of_the_papers_is_left_out():
    numbers = {(n.paper, n.table) for n in find_numbers()}
    declared = {(t.paper, t.table) for t in PAPER_TABLES.values()}
    assert numbers <= declared and len(find_numbers()) == 1499


def parts_of_harmonic_mean(number):
    """Numbers of the same row that a harmonic mean is of."""
    same = number._asdict()
    for key in ('dataset', 'metric', 'value', 'std', 'note'):
        same.pop(key)
    row = {(n.dataset, n.metric): n.value for n in find_numbers(**same)}
    if number.dataset.startswith('hm3('):
        datasets = ('UCF101-split1', 'UCF101-SCUBA', 'UCF101-HAT')
        return [row[name, number.metric] for name in datasets]
    if number.dataset.startswith('hm('):
        datasets = number.dataset.removeprefix('hm(').rstrip(')').split(',')
        return [row[name, 'top1'] for name in datasets]
    return [row[number.dataset, half] for half in ('base', 'novel')]


def test_published_harmonic_means_that_do_not_recompute_have_footnotes():
    means = [
        n
        for n in find_numbers()
        if n.metric == 'hm' or n.dataset.startswith('hm')
    ]
    wrong = []
    for number in means:
        parts = parts_of_harmonic_mean(number)
        # parts are rounded to 0.05, and so is the mean
        low, high = (
            len(parts) / sum(1 / (part + end) for part in parts)
            for end in (-0.05, 0.05)
        )
        if not low - 0.051 <= number.value <= high + 0.051:
            notes = notes_on([number])
            assert any('published HM' in note for note in notes), number
            wrong.append((number.paper, number.table, number.method))
    assert len(means) > 100
    assert sorted(wrong) == [
        ('open-mede', '1', 'ST-Adapter'),
        ('open-mede', '3', 'X-CLIP'),
        ('open-mede', '5', 'VCLIP + RFD'),
        ('open-mede', '6', 'X-CLIP'),
        ('tc-clip', '3', 'Open-VCLIP'),
    ]


def test_remarks_name_what_was_not_tested_as_declared():
    results = zero_shot_results(
        views=dict(
            frames=8, clips=2, classnames='llm.json', precision='float32'
        ),
        unreadable=('x.avi',),
    )
    table = paper_table(get_table('tc-clip/1'), {'tc_clip': results})
    text = ' '.join(table.footnotes)
    assert 'tested with frames 8, declared 16' in text
    assert 'precision float32, declared float16' in text
    assert '1 unreadable' in text
    assert 'class names llm.json, declared hmdb51' in text


@pytest.mark.parametrize('protocol', ['ep3', 'zero-shot'])
def test_records_of_another_version_count_as_missing(protocol):
    results = zero_shot_results(version=0)
    table = protocol_table(
        build_protocol(protocol, 'tc_clip'), {'tc_clip': results}
    )
    assert lines_of(table, 'tc_clip')['yours'][0] == 'missing'
    assert 'version 0' in ' '.join(table.footnotes)


def test_two_records_of_a_cell_are_an_error():
    with pytest.raises(ValueError, match='two records'):
        Results([record('ucf101/ep3/1', p) for p in (80, 81)])


def test_protocol_table_stands_beside_the_paper_of_the_method():
    table = protocol_table(
        build_protocol('ep3', 'tc_clip'), {'tc_clip': zero_shot_results()}
    )
    entry = table.rows[0][1][0]
    assert (entry.column, entry.paper.value) == ('UCF101 top1', 82.9)
    assert entry.difference == pytest.approx(0.1)


def test_every_format_says_the_same(tmp_path):
    table = paper_table(
        get_table('tc-clip/1'), {'tc_clip': zero_shot_results()}
    )
    grid = to_grid(table)
    assert '54.0 ± 0.8' in to_markdown([grid])
    assert r'54.0 $\pm$ 0.8' in to_latex([grid])
    page = to_html([grid], 'Report')
    assert '54.0 ± 0.8' in page and 'http' not in page
    rows = list(csv.DictReader(io.StringIO(to_csv([table]))))
    row = next(
        r
        for r in rows
        if (r['method'], r['column']) == ('TC-CLIP', 'HMDB51 top1')
    )
    assert float(row['value']) == 54 and row['ddof'] == '0'
    assert float(row['difference']) == pytest.approx(-0.2)


def test_names_stay_text_in_every_format():
    names = ('<script>alert(1)</script>', '=HYPERLINK("x")', 'a & b\nc | d')
    for name in names:
        table = protocol_table(
            build_protocol('ep3', 'tc_clip'), {name: zero_shot_results()}
        )
        grid = replace(to_grid(table), title=name, before=(name,))
        text = to_markdown([grid])
        assert '<' not in text
        assert not [line for line in text.splitlines() if line == 'c | d']
        assert '<script' not in to_html([grid], name)
        rows = list(csv.reader(io.StringIO(to_csv([table]))))
        wanted = f"'{name}" if name[0] == '=' else name
        assert {row[1] for row in rows[1:]} == {wanted}
    assert '&lt;script&gt;alert(1)' in to_markdown([Grid(names[0], (), ())])


@pytest.mark.parametrize('sign', '=+-@')
def test_no_name_is_a_formula(sign):
    assert csv_text(f'{sign}1+1') == f"'{sign}1+1"
    assert csv_text(f'a{sign}1') == f'a{sign}1'


def test_lookup_by_key():
    number = paper_value(
        'Open-VCLIP', 'zero_shot_ep2', 'UCF101', 'top1', backbone='ViT-B/16'
    )
    assert (number.value, number.paper) == (83.5, 'open-vclip')
    with_llm = paper_value(
        'TC-CLIP', 'zero_shot_ep3', 'UCF101', 'top1', llm=True
    )
    assert with_llm.value == 85.4
    with pytest.raises(KeyError, match='no paper prints'):
        paper_value('nobody', 'zero_shot_ep3', 'UCF101', 'top1')
    with pytest.raises(KeyError, match='colour'):
        find_numbers(colour='red')
