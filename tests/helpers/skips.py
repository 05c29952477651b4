"""Tests may skip for the reasons below; any other skip is a failure."""

import pytest

ALLOWED = (
    'no Chromium',  # pip does not install it
    'no CUDA device',  # of tests marked gpu, which run when asked for
)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    return strict((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    return strict((yield))


def strict(report):
    """Let a skip for another reason fail."""
    if report.skipped and not hasattr(report, 'wasxfail'):
        reason = report.longrepr[2].removeprefix('Skipped: ')
        if not reason.startswith(ALLOWED):
            report.outcome = 'failed'
            report.longrepr = f'a skip that helpers.skips refuses: {reason}'
    return report
