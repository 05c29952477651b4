"""A tenth of the campaign of faults; the whole is a command."""

import pytest

from campaign.__main__ import FAMILIES, main


@pytest.mark.slow
@pytest.mark.parametrize('family', FAMILIES)
def test_faults_of_a_family_end_well(family, capsys):
    code = main(['--only', family, '--share', '0.1'])
    out = capsys.readouterr()
    assert code == 0, out.err
    assert '| all |' in out.out
