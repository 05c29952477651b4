"""Scripts that start train.py and test.py on several processes."""

import json
import os
import socket

import pytest

FIRST = 2.0 * (0 + 1 + 2 + 3 + 4)


@pytest.fixture
def echo(tmp_path):
    """A command that prints its arguments."""

    def write(name):
        path = tmp_path / 'bin' / name
        path.parent.mkdir()
        path.write_text('#!/bin/sh\necho "$@"\n')
        path.chmod(0o755)
        return path

    return write


@pytest.mark.parametrize('checkpoint', [[], ['epoch_1.pth']])
def test_dist_test_takes_a_checkpoint_or_none_and_a_port(
    repo, run_tool, echo, checkpoint
):
    script = repo / 'tools' / 'dist_test.sh'
    out = run_tool(
        ['bash', script, 'config.py', *checkpoint, 2, '--out', 'x.json'],
        PYTHON=str(echo('python')),
        MASTER_PORT='29501',
    )
    assert '--master-port 29501 --nproc-per-node 2' in out
    words = ['config.py', *checkpoint, '--out x.json --launcher pytorch']
    assert out.endswith(f'tools/test.py {" ".join(words)}\n')


@pytest.mark.slow
@pytest.mark.dist
def test_dist_test_works_without_a_checkpoint_on_a_given_port(
    repo, run_tool, toy_config, tmp_path
):
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        port = probe.getsockname()[1]
    run_tool(
        [
            *('bash', repo / 'tools' / 'dist_test.sh', toy_config, 2),
            *('--out', 'out.json'),
        ],
        CUDA_VISIBLE_DEVICES='-1',
        MASTER_PORT=str(port),
    )
    metrics = json.loads((tmp_path / 'out.json').read_text())
    assert metrics['first/toy/sum'] == FIRST


@pytest.mark.parametrize(
    'script',
    [
        *('dist_run.sh', 'dist_train.sh', 'dist_test.sh'),
        *('slurm_run.sh', 'slurm_train.sh', 'slurm_test.sh'),
    ],
)
def test_scripts_explain_their_use_when_called_wrongly(repo, run_tool, script):
    out = run_tool(['bash', repo / 'tools' / script, 'config.py'], code=2)
    assert out.startswith('usage:')


@pytest.mark.parametrize(
    ('script', 'tail'),
    [('train', ['--resume']), ('test', ['epoch_1.pth', '--out', 'x.json'])],
)
def test_slurm_asks_srun_for_what_the_variables_say(
    repo, run_tool, echo, script, tail
):
    fake = echo('srun')
    out = run_tool(
        [
            *('bash', repo / 'tools' / f'slurm_{script}.sh', 'gpu', 'job'),
            *('config.py', *tail),
        ],
        PATH=f'{fake.parent}{os.pathsep}{os.environ["PATH"]}',
        GPUS='4',
        SRUN_ARGS='--time 10 --mem=4G',
    )
    assert '--ntasks=4 --ntasks-per-node=4' in out
    assert '--time 10 --mem=4G' in out
    words = ['config.py', *tail, '--launcher slurm']
    assert f'tools/{script}.py {" ".join(words)}' in out
