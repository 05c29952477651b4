import ast

import pytest

from mmovar.benchmark import (
    PROTOCOLS,
    SETUPS,
    Cell,
    Column,
    Protocol,
    Run,
    Selection,
    Value,
    build_protocol,
    find_cells,
    get_setup,
)
from mmovar.benchmark.reduction import cells_of


@pytest.mark.parametrize('setup', SETUPS)
def test_a_cell_is_declared_the_same_in_all_protocols(setup):
    known = {}
    for name in PROTOCOLS:
        for cell in build_protocol(name, setup).cells:
            assert known.setdefault(cell.name, cell) == cell


@pytest.mark.parametrize('name', PROTOCOLS)
def test_every_cell_is_read_by_a_column(name):
    protocol = build_protocol(name, 'tc_clip')
    read = {n for c in protocol.columns for n in cells_of(c.reduction)}
    assert read == {cell.name for cell in protocol.cells}


def test_open_mede_mixes_clip_in_wherever_it_stays_in_context():
    for name in ('ep1', 'ep2', 'ep3', 'k600-val', 'k600-test', 'b2n'):
        for cell in build_protocol(name, 'open_mede').cells:
            assert cell.setup.ensemble == 'logits', cell.name
    for name in ('ucf-ooc', 'ucf-scuba', 'hmdb-scuba', 'k400-hat'):
        for cell in build_protocol(name, 'open_mede').cells:
            mixed = '/scu' not in cell.name and '/hat/' not in cell.name
            assert (cell.setup.ensemble == 'logits') == mixed, cell.name


def test_vifi_clip_writes_ucf101_as_its_folders_do():
    for name in ('few-shot', 'b2n', 'ep3'):
        for method in ('vifi_clip', 'tc_clip'):
            for cell in build_protocol(name, method).cells:
                camel = method == 'vifi_clip' and 'ucf101' in cell.name
                assert cell.vocabulary.endswith(':camel') == camel


def test_hmdb51_in_context_is_the_mean_of_ep3():
    protocol = build_protocol('hmdb-scuba', 'open_mede')
    values = {f'hmdb51/ep3/{split}': 50 + split for split in (1, 2, 3)}
    number = protocol.column('HMDB51', 'top1').reduction(
        lambda cell, metric: values[cell]
    )
    assert number.value == pytest.approx(52)


def test_sizes_are_those_of_the_official_lists():
    ep3 = build_protocol('ep3', 'open_vclip')
    sizes = {cell.name: cell.size for cell in ep3.cells}
    assert [sizes[f'ucf101/ep3/{k}'] for k in (1, 2, 3)] == [3783, 3734, 3696]
    assert {sizes[f'hmdb51/ep3/{k}'] for k in (1, 2, 3)} == {1530}
    both = [build_protocol(n, 'clip').cells for n in ('k600-val', 'k600-test')]
    assert [cell.size for cell in both[0]] == [7276, 7226, 7261]
    assert [cell.size for cell in both[1]] == [14084, 13978, 14136]


def test_vocabularies_are_built_in():
    from mmovar import vocabulary as catalog

    for name in PROTOCOLS:
        for setup in SETUPS:
            for cell in build_protocol(name, setup).cells:
                if cell.vocabulary is not None:
                    assert catalog.read_classnames(cell.vocabulary)


def test_globs_find_cells_and_a_wrong_one_says_what_there_is():
    found = find_cells(['ucf101/ep3/*', 'k600/val/1'], 'tc_clip')
    assert [cell.name for _, cell in found] == [
        *(f'ucf101/ep3/{k}' for k in (1, 2, 3)),
        'k600/val/1',
    ]
    assert {protocol.name for protocol, _ in found} == {'ep3', 'k600-val'}
    with pytest.raises(ValueError, match=r"'ucf/\*'.*ucf101/ep3"):
        find_cells(['ucf/*'], 'tc_clip')


def test_unknown_names_are_refused():
    with pytest.raises(KeyError, match='ep4'):
        build_protocol('ep4', 'tc_clip')
    with pytest.raises(KeyError, match='xclip'):
        build_protocol('ep3', 'xclip')


def protocol(**changes):
    setup = get_setup('clip')
    cell = Cell('a/1', 'A', 'all', 'a', 'ucf101', 'run', setup)
    fields = dict(
        name='p',
        title='P',
        setup=setup,
        cells=(cell,),
        columns=(Column('A', 'top1', Value('a/1')),),
        runs={'run': Run('config')},
    )
    return Protocol(**{**fields, **changes})


@pytest.mark.parametrize(
    ('changes', 'message'),
    [
        (dict(runs={}), "unknown runs.*'run'"),
        (dict(columns=(Column('A', 'top1', Value('b')),)), "unknown.*'b'"),
        (dict(selection=Selection('best', 'a/1')), 'legacy'),
        (dict(columns=(Column('A', 'top1', Value('a/1')),) * 2), 'twice'),
    ],
)
def test_contradictions_are_refused(changes, message):
    protocol()
    with pytest.raises(ValueError, match=message):
        protocol(**changes)


def test_selection_names_a_cell_only_for_best():
    for fields in (('best', None), ('last', 'x'), ('first', None)):
        with pytest.raises(ValueError, match='rule'):
            Selection(*fields)


def test_setup_speaks_of_all_that_changes_a_number():
    text = str(get_setup('tc_clip'))
    words = ('16 frames', '2x1 views', 'probabilities', '0.7 tuned')
    for word in (*words, 'float16'):
        assert word in text
    with pytest.raises(ValueError, match='frames must be >= 1'):
        get_setup('clip', frames=0)
    with pytest.raises(ValueError, match='clip_share'):
        get_setup('clip', clip_share=0.5)
    assert get_setup('open_mede').alone().mixture == 'none'


def test_every_public_function_of_the_protocols_is_listed(repo):
    folder = repo / 'mmovar' / 'benchmark' / 'protocols'
    found = set()
    for path in folder.glob('[a-z]*.py'):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef) and node.name[0] != '_':
                returns = getattr(node.returns, 'id', '')
                found |= {node.name} if returns == 'Protocol' else set()
    assert found == {f.__name__ for f in PROTOCOLS.values()}
