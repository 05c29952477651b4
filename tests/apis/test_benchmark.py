"""Cells of protocols as test sets of the configs."""

import copy
import functools
from pathlib import Path

import pytest

from mmovar.apis import load_config
from mmovar.apis.benchmark import record_hook, use_cells
from mmovar.benchmark import PROTOCOLS, build_protocol
from mmovar.datasets import SOURCES
from mmovar.engine.loops.test_sets import datasets_of, setup_of
from mmovar.engine.views import views_of

CONFIGS = Path(__file__).parents[2] / 'configs'
METHODS = ('clip', 'vifi_clip', 'open_vclip', 'tc_clip', 'open_mede')
PAPERS = METHODS[1:]
# protocols that no table of a method's paper trains for
UNTRAINED = {
    'b2n': ('clip',),
    'few-shot': ('clip', 'open_vclip', 'open_mede'),
    'k400-full': ('clip', 'open_vclip', 'open_mede'),
    'k400-tiny': ('clip', 'open_vclip', 'tc_clip', 'open_mede'),
    'temporal': ('clip', 'open_vclip', 'open_mede'),
    'msrvtt': ('clip', 'open_vclip', 'tc_clip', 'open_mede'),
}


@pytest.fixture(scope='module')
def read_config():
    """Read a config once; give a copy to change."""
    read = functools.cache(load_config)
    return lambda path: copy.deepcopy(read(path))


@pytest.mark.parametrize(
    ('name', 'method'),
    [
        (name, method)
        for name in PROTOCOLS
        for method in METHODS
        if (name, method) != ('mini', 'open_vclip')  # among its ablations
    ],
)
def test_cells_of_every_run_find_their_lists_and_views(
    read_config, name, method
):
    protocol = build_protocol(name, method)
    for key, run in protocol.runs.items():
        path = CONFIGS / run.config_file(method)
        untrained = method in UNTRAINED.get(name, ())
        if untrained:  # then as zero-shot CLIP
            path = CONFIGS / method / 'k400_zs.py'
        config = read_config(path)
        config.merge_from_dict({} if untrained else dict(run.options))
        config.load_from = 'trained.pth'
        cells = [cell for cell in protocol.cells if cell.run == key]
        use_cells(config, [cell.name for cell in cells], method)
        for cell, (given, dataset) in zip(
            cells, datasets_of(config).items(), strict=True
        ):
            assert given == cell.name
            assert cell.vocabulary in (None, dataset.get('classnames'))
            if untrained:
                continue
            mixed = cell.setup.ensemble == 'logits'
            share = cell.setup.clip_share if mixed else 0.0
            views, declared = (
                views_of(config, dataset, share),
                cell.setup.to_dict(),
            )
            for key in (
                *('frames', 'clips', 'crops', 'aggregation'),
                *('ensemble', 'clip_share'),
            ):
                assert views[key] == pytest.approx(declared[key]), key


def test_records_know_the_decoder():
    config = load_config(CONFIGS / 'open_mede/k400_zs.py')
    dataset = next(iter(datasets_of(config).values()))
    assert views_of(config, dataset)['decoder'] == 'pyav'
    packed = dict(dataset, store='/store')
    assert views_of(config, packed)['decoder'] == 'packed'


@pytest.mark.parametrize('method', PAPERS)
def test_cells_are_tested_with_the_declared_views(method):
    config = load_config(CONFIGS / method / 'k400_zs.py')
    config.load_from = 'trained.pth'
    found = use_cells(config, ['ucf101/ep3/*', 'hmdb51/ep2'], method)
    sets = datasets_of(config)
    assert [*sets] == [*found]
    protocol, cell = found['ucf101/ep3/2']
    dataset = sets[cell.name]
    views, declared = views_of(config, dataset), cell.setup.to_dict()
    for key in ('frames', 'clips', 'crops', 'aggregation'):
        assert views[key] == declared[key], key
    assert views['classnames'] == cell.vocabulary
    assert dataset['ann_file'] == 'datasets_splits/ucf_splits/val2.txt'
    assert protocol.name == 'ep3'


def test_ep1_keeps_the_drawn_classes_of_the_full_list():
    config = load_config(CONFIGS / 'open_vclip' / 'k400_zs.py')
    use_cells(config, ['hmdb51/ep1/3'], 'open_vclip')
    dataset = datasets_of(config)['hmdb51/ep1/3']
    assert dataset['list_classnames'] == 'hmdb51'
    assert dataset['classnames'] == 'hmdb51_ep1_3'


def test_leaves_name_their_cells():
    config = load_config(CONFIGS / 'open_mede' / 'ucf101_zs.py')
    assert [*datasets_of(config)] == [
        'ucf101/ep2',
        *(f'ucf101/ep3/{split}' for split in (1, 2, 3)),
    ]


def test_rephrased_names_stay():
    config = load_config(CONFIGS / 'tc_clip' / 'k400_zs.py', dict(names='llm'))
    use_cells(config, ['hmdb51/ep3/1'], 'tc_clip')
    (dataset,) = datasets_of(config).values()
    assert dataset['classnames'].endswith('hmdb_51_llm_labels.json')
    views = views_of(config, dataset)
    assert views['classnames'] == dataset['classnames']


def first_views(config):
    return views_of(config, next(iter(datasets_of(config).values())))


def test_weight_ensembles_are_read_from_the_config():
    config = load_config(CONFIGS / 'open_vclip' / 'k400_zs.py')
    assert first_views(config)['ensemble'] == 'none'  # plain CLIP
    config.load_from = 'trained.pth'
    views = first_views(config)
    assert (views['ensemble'], views['clip_share']) == ('weights', 0.5)


def test_crops_and_logit_ensembles_are_read_from_the_config():
    config = load_config(CONFIGS / 'open_vclip' / 'k400_zs.py')
    config.model.update(type='CLIPEnsemble', ratio=0.25)
    config.test_dataloader.dataset.pipeline[4] = dict(type='ThreeCrop')
    views = first_views(config)
    assert (views['ensemble'], views['clip_share']) == ('logits', 0.25)
    assert (views['clips'], views['crops'], views['frames']) == (3, 3, 8)


def test_captions_get_a_metric_of_their_own():
    config = load_config(CONFIGS / 'vifi_clip' / 'k400_zs.py')
    use_cells(config, ['msrvtt/1k'], 'vifi_clip')
    assert config.test_evaluator.type == 'CaptionRetrievalMetric'
    head = config.model.cls_head  # of probabilities no two videos compare
    assert (head.average_clips, head.templates) == ('score', 'bare')
    with pytest.raises(ValueError, match=r"\['msrvtt/1k'\].*'ucf101/ep2'"):
        use_cells(config, ['msrvtt/1k', 'ucf101/ep2'], 'vifi_clip')


def test_record_hook_knows_config_and_checkpoint(tmp_path):
    config = load_config(CONFIGS / 'tc_clip' / 'k400_zs.py')
    checkpoint = tmp_path / 'x.pth'
    checkpoint.write_bytes(b'abc')
    config.load_from = str(checkpoint)
    fields = record_hook(config, tmp_path, 'tc_clip', 'last')['fields']
    assert fields['checkpoint_sha256'].startswith('ba7816bf')
    assert len(fields['config_sha256']) == 64
    assert fields['config'].endswith('tc_clip/k400_zs.py')


def test_unknown_data_and_setups_are_named(monkeypatch):
    config = load_config(CONFIGS / 'mini' / 'clip.py')
    monkeypatch.delitem(SOURCES, 'ucf101_val1')
    use_cells(config, ['ucf101/ep3/1'], 'clip')
    with pytest.raises(ValueError, match="ucf101/ep3/1 needs 'ucf101_val1'"):
        datasets_of(config)
    with pytest.raises(ValueError, match='give --setup'):
        setup_of('/nowhere/x.py')
    assert setup_of('configs/open_mede/ablations/gwa.py') == 'open_mede'
