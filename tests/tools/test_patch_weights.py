import json
import uuid

import pytest
import torch
from mmaction.registry import MODELS
from mmengine.config import Config

from helpers import toy_run


@MODELS.register_module()
class ToyFromClip(toy_run.ToyModel):
    """The toy; its CLIP has the weight 2."""

    def clip_state_dict(self):
        return dict(weight=torch.tensor(2.0))


TOY = Config(
    dict(
        model=dict(type='CLIPRecognizer'),
        test_cfg=dict(type='BenchmarkTestLoop'),
        custom_hooks=[
            dict(type='GWAHook'),
            dict(type='WeightPatchHook', alpha=0.9),
        ],
    )
)
FIRST = 0 + 1 + 2 + 3 + 4  # sum of the first set for the weight 1


@pytest.fixture
def patch_weights(load_tool, toy_config, tmp_path):
    """Run tools/patch_weights.py on a toy fine-tuned to 4, on average 3."""
    text = toy_config.read_text().replace("'ToyModel'", "'ToyFromClip'")
    hooks = [dict(type='GWAHook'), dict(type='WeightPatchHook', alpha=0.9)]
    toy_config.write_text(f'{text}\ncustom_hooks = {hooks}\n')
    checkpoint = dict(
        state_dict=dict(weight=torch.tensor(3.0)),
        ema_state_dict={'module.weight': torch.tensor(4.0)},
        active_average='gwa',
    )
    torch.save(checkpoint, tmp_path / 'tuned.pth')
    tool = load_tool('patch_weights')

    def run(*arguments):
        tool.main([str(toy_config), 'tuned.pth', *map(str, arguments)])

    return run


@pytest.mark.parametrize(
    ('options', 'weight'),
    [
        (['--alpha', '0.25'], 2.25),
        (['--wise-ft', '0.25', '--raw'], 2.5),
        (['--open-vclip-ratio', '0.25'], 2.75),
    ],
)
def test_one_checkpoint_is_written(patch_weights, options, weight, tmp_path):
    patch_weights(*options, '--out', 'deep/patched.pth')
    patched = torch.load(tmp_path / 'deep' / 'patched.pth')
    assert patched['state_dict']['weight'] == weight
    assert 0 <= patched['meta']['patch_alpha'] <= 1


@pytest.mark.parametrize('raw', [[], ['--raw']])
def test_sweep_tests_every_alpha_and_draws_the_curve(
    patch_weights, tmp_path, raw
):
    out = tmp_path / uuid.uuid4().hex
    metrics = ['first/toy/sum', 'second/toy/sum']
    patch_weights(
        *('--sweep', 1, 0, 0.5, '--out-dir', out, *raw),
        *('--x', metrics[0], '--y', metrics[1]),
    )
    lines = (out / 'records.jsonl').read_text().splitlines()
    records = [json.loads(line) for line in lines]
    assert [record['alpha'] for record in records] == [0, 0.5, 1]
    tuned = 4 if raw else 3
    expected = [2 * FIRST, (2 + tuned) / 2 * FIRST, tuned * FIRST]
    sums = [record['metrics']['first/toy/sum'] for record in records]
    assert sums == pytest.approx(expected)
    assert records[0]['metrics']['second/toy/count'] == 3
    image = (out / 'trade_off.png').read_bytes()
    assert image.startswith(b'\x89PNG')


def test_a_sweep_of_logits_leaves_the_weights(
    patch_weights, load_tool, monkeypatch, tmp_path
):
    tool, tested = load_tool('patch_weights'), []

    class Runner:
        def test(self):
            return dict(acc=tested[-1].test_cfg.clip_share)

    monkeypatch.setattr(
        tool, 'build_runner', lambda c, *_: tested.append(c) or Runner()
    )
    line = ['toy.py', 'tuned.pth', '--mix', 'logits', '--sweep', '0.2', '1']
    monkeypatch.setattr(tool, 'load_config', lambda *_: TOY.copy())
    tool.main([*line, '--out-dir', str(tmp_path / 'logits')])
    assert [c.model.type for c in tested] == ['CLIPEnsemble'] * 2
    assert [c.test_cfg.clip_share for c in tested] == [0.8, 0.0]
    assert [c.custom_hooks for c in tested] == [[dict(type='GWAHook')]] * 2
    lines = (tmp_path / 'logits/records.jsonl').read_text().splitlines()
    assert json.loads(lines[0]) == dict(alpha=0.2, metrics=dict(acc=0.8))


def test_unknown_metric_is_refused_after_the_first_test(patch_weights):
    with pytest.raises(KeyError, match="no metric 'acc'.*first/toy/sum"):
        patch_weights(
            *('--sweep', 0, 1, '--out-dir', uuid.uuid4().hex),
            *('--x', 'first/toy/sum', '--y', 'acc'),
        )


def test_wrong_files_and_shares_are_refused(patch_weights, load_tool):
    with pytest.raises(ValueError, match='alpha must be in 0..1, got 2'):
        patch_weights('--alpha', 2, '--out', 'x.pth')
    with pytest.raises(FileNotFoundError, match='no.pth'):
        load_tool('patch_weights').main(
            ['no.py', 'no.pth', '--alpha', '1', '--out', 'x.pth']
        )


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        ([], 'required'),
        (['--alpha', '1'], 'needs --out'),
        (['--sweep', '1'], 'needs --out-dir'),
        (['--alpha', '1', '--out', 'x', '--mix', 'logits'], 'for --sweep'),
        (['--sweep', '1', '--out-dir', 'x', '--x', 'y'], 'belong together'),
        (['--alpha', '1', '--sweep', '1'], 'not allowed with'),
    ],
)
def test_options_must_fit(patch_weights, capsys, options, message):
    with pytest.raises(SystemExit):
        patch_weights(*options)
    assert message in capsys.readouterr().err


def test_test_tool_tests_the_average_or_raw_weights(
    patch_weights, load_tool, toy_config
):
    patch = dict(type='WeightPatchHook', alpha=0.9)
    text = toy_config.read_text()
    toy_config.write_text(text.replace(f', {patch}', ''))
    main = load_tool('test').main
    for raw, weight in ((['--raw'], 4), ([], 3)):
        metrics = main(
            [
                *(str(toy_config), 'tuned.pth', *raw),
                *('--cfg-options', f'experiment_name={uuid.uuid4().hex}'),
            ]
        )
        assert metrics['first/toy/sum'] == weight * FIRST
