"""Any launcher reads the same data from the same file."""

import copy
from types import SimpleNamespace

import pytest
from mmaction.registry import LOOPS
from mmengine.config import Config
from mmengine.registry import init_default_scope
from torch.utils.data import DataLoader

from helpers.tiny_config import CONFIGS
from mmovar.apis import load_config
from mmovar.datasets import resolve_source

LEAVES = sorted(
    path for path in CONFIGS.rglob('*.py') if '_base_' not in path.parts
)
OPTIONS = dict(
    data_root='/big', dataset='ucf101', shots=4, draw=3, names='llm'
)


class Recorder(SimpleNamespace):
    """A runner that notes the dataloaders it is asked to build."""

    def __init__(self, config):
        super().__init__(cfg=config, seen=[], seed=0, _randomness_cfg={})
        self.visualizer = SimpleNamespace(dataset_meta=None)

    def build_dataloader(self, config, **kwargs):
        self.seen.append(resolve_source(config['dataset']))
        return DataLoader(range(999))

    def build_evaluator(self, config):
        return SimpleNamespace(dataset_meta=None)


def datasets(config):
    """What the loops of a config make of its data, as a runner does it."""
    init_default_scope('mmaction')
    runner = Recorder(copy.deepcopy(config))
    for part in ('train', 'val', 'test'):
        loader = config.get(f'{part}_dataloader')
        if loader is None:
            continue
        arguments = dict(runner=runner, dataloader=loader)
        if part != 'train':
            arguments['evaluator'] = config[f'{part}_evaluator']
        LOOPS.build(config[f'{part}_cfg'], default_args=arguments)
    return runner.seen


@pytest.mark.parametrize(
    'path', LEAVES, ids=lambda path: str(path.relative_to(CONFIGS))
)
def test_stock_reading_gives_the_data_of_our_tools(path):
    stock = Config.fromfile(path)
    options = {k: v for k, v in OPTIONS.items() if k in stock}
    if path.stem == 'msrvtt_9k':  # captions are no class names
        del options['names']
    plain = datasets(stock)
    stock.merge_from_dict(options)
    chosen = datasets(stock)
    assert chosen == datasets(load_config(path, options))
    assert {data['data_root'] for data in chosen} == {'/big'}
    text = str(chosen)
    if path.stem == 'own':
        assert text.count("'path': 'ucf101'") == len(chosen) == 3
    elif 'dataset' in options:
        assert 'ucf_splits' in text and 'hmdb_splits' not in text
    if 'shots' in options:
        assert 'train1_few_shot_4' in text
    if 'draw' in options:
        assert 'fs_base_s3_train' in text or 'mini/annotations/seed3' in text
    assert len(chosen) == len(plain) and chosen != plain


@pytest.mark.parametrize('option', ['shots', 'draw', 'dataset'])
def test_an_option_that_a_file_does_not_know_stops_any_launcher(option):
    path = CONFIGS / 'open_mede' / 'k400_zs.py'
    config = Config.fromfile(path)
    config.merge_from_dict({option: OPTIONS[option]})
    with pytest.raises(ValueError, match=rf"no use for \['{option}'\]"):
        datasets(config)
    with pytest.raises(ValueError, match=rf"does not know \['{option}'\]"):
        load_config(path, {option: OPTIONS[option]})
