"""tools/mini_search.py with trainings that only pretend."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from helpers.results_of import record
from mmovar.apis import load_config
from mmovar.benchmark.protocols.mini import DEVELOPMENT_SEEDS


@pytest.fixture
def search(load_tool, monkeypatch, repo, tmp_path):
    """The tool, in a repository of configs alone; accuracy follows lr."""
    monkeypatch.syspath_prepend(str(repo / 'tools'))
    tool = load_tool('mini_search')
    shutil.copytree(repo / 'configs', tmp_path / 'configs')
    monkeypatch.setattr(tool.commands, 'ROOT', tmp_path)
    tool.started = []

    def start(script, arguments, log):
        words = [str(word) for word in arguments]
        tool.started.append(words)
        method = words[words.index('--method') + 1]
        configs = Path(words[words.index('--configs') + 1])
        config = load_config(configs / 'mini' / f'{method}.py')
        percent = 20 + 1e3 * config.optim_wrapper.optimizer.lr
        folder = Path(words[words.index('--work-dir') + 1]) / method
        (folder / 'records').mkdir(parents=True, exist_ok=True)
        seeds = words[words.index('--seeds') + 1 : words.index('--configs')]
        for seed in seeds:
            for name in ('known_ic', 'known_ooc', 'novel_ic', 'novel_ooc'):
                record(f'mini/{name}/{seed}', percent, 'mini').write(
                    folder / 'records'
                )

    monkeypatch.setattr(tool.commands, 'start', start)
    return tool


def test_every_method_has_as_many_different_trials(search):
    for method in search.TRIALS:
        trials = search.lay_out_trials(method, search.MOST)
        assert trials[:2] == search.lay_out_trials(method, 2)
        assert len({str(trial.settings) for trial in trials}) == search.MOST


def test_the_best_recipe_is_what_the_configs_then_read(search, tmp_path):
    line = ['--method', 'vclip', 'st_adapter', '--trials', '4', '--write']
    search.main([*line, '--jobs', '2', '--seeds', '100'])
    assert len(search.started) == 8
    lines = (tmp_path / 'work_dirs/mini_search/search.jsonl').read_text()
    results = [json.loads(line) for line in lines.splitlines()]
    page = (tmp_path / 'configs/mini/search.md').read_text()
    assert page.count('| vclip |') == page.count('| st_adapter |') == 4
    assert '| vclip | lr 0.0003, epochs 10 | 20.3 | 20.3 |' in page
    for method in ('vclip', 'st_adapter'):
        scores = [r['score'] for r in results if r['method'] == method]
        assert len(scores) == 4 and scores == sorted(scores, reverse=True)
        best = next(r for r in results if r['method'] == method)
        config = load_config(
            tmp_path / f'configs/mini/{search.CONFIGS.get(method, method)}.py'
        )
        lr = config.optim_wrapper.optimizer.lr
        assert best['score'] == pytest.approx(20 + 1e3 * lr, abs=0.1)
        assert lr == best['settings']['lr']
        assert config.train_cfg.max_epochs == best['settings']['epochs']
        assert config.param_scheduler[1].end == best['settings']['epochs']


@pytest.mark.parametrize('method', ['open_mede', 'tc_clip', 'xclip'])
def test_a_recipe_reaches_all_that_it_sets(search, repo, tmp_path, method):
    settings = {
        key: values[-1] for key, values in search.TRIALS[method].items()
    }
    search.write_recipe(tmp_path / 'configs', search.Trial(method, settings))
    recipe = search.recipe_file(tmp_path / 'configs', method)
    subprocess.run(
        [sys.executable, '-m', 'ruff', 'format', '--check', recipe.parent],
        cwd=repo,
        check=True,
    )
    config = load_config(
        tmp_path / f'configs/mini/{search.CONFIGS.get(method, method)}.py'
    )
    assert config.optim_wrapper.optimizer.lr == settings['lr']
    assert config.optim_wrapper.optimizer.type == 'AdamW'
    assert config.train_cfg.max_epochs == settings['epochs'] == 14
    assert config.param_scheduler[1].end == 14
    if method == 'open_mede':
        wrapper = config.optim_wrapper
        assert (wrapper.delta, wrapper.inner_lr) == (1.0, None)
        assert wrapper.inner_step == 'adamw'
        assert config.train_cfg.type == 'CrossBatchTrainLoop'
        assert config.custom_hooks[-1] == dict(
            type='GWAHook', mu=0.8, sigma=0.2
        )


def test_what_was_tried_stays_what_it_was(search, tmp_path):
    line = ['--method', 'vclip', '--trials', '3', '--seeds', '100']
    search.main(line)
    log = tmp_path / 'work_dirs/mini_search/search.jsonl'
    before = log.read_text()
    search.main([*line, '--write'])
    search.main(line)
    assert log.read_text() == before


def test_seeds_of_tables_are_refused(search, capsys):
    with pytest.raises(SystemExit):
        search.main(['--seeds', '0'])
    assert f'--seeds are of {DEVELOPMENT_SEEDS}' in capsys.readouterr().err
