"""A skip for a reason of our own choosing fails the session."""

import os
import subprocess
import sys

import pytest

SKIPS = {
    'call': "def test_it():\n    pytest.skip('{}')\n",
    'mark': "@pytest.mark.skip(reason='{}')\ndef test_it():\n    pass\n",
    'file': "pytest.skip('{}', allow_module_level=True)\n",
    'setup': (
        '@pytest.fixture(autouse=True)\ndef stop():\n'
        "    pytest.skip('{}')\ndef test_it():\n    pass\n"
    ),
}


@pytest.fixture
def run(tmp_path, repo):
    """Run a test file under the rule; return its exit code and output."""

    def run(content):
        (tmp_path / 'test_it.py').write_text(f'import pytest\n{content}')
        done = subprocess.run(
            [
                *(sys.executable, '-m', 'pytest', '-p', 'helpers.skips'),
                *('-p', 'no:cacheprovider', '.'),
            ],
            cwd=tmp_path,
            env=dict(os.environ, PYTHONPATH=str(repo / 'tests')),
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout

    return run


@pytest.mark.parametrize('kind', SKIPS)
def test_any_other_reason_fails(run, kind):
    code, out = run(SKIPS[kind].format('no time'))
    assert code != 0
    assert 'a skip that helpers.skips refuses: no time' in out


def test_a_missing_module_fails(run):
    code, out = run("pytest.importorskip('no_such_module')\n")
    assert code != 0
    assert "refuses: could not import 'no_such_module'" in out


def test_allowed_reasons_and_expected_failures_pass(run):
    content = ''.join(
        SKIPS[kind].format('no Chromium').replace('_it', f'_{kind}')
        for kind in ('call', 'mark')
    )
    content += '@pytest.mark.xfail\ndef test_x():\n    assert False\n'
    code, out = run(f'{content}def test_it():\n    pass\n')
    assert (code, '1 passed, 2 skipped, 1 xfailed' in out) == (0, True), out
