"""Who may import whom: read from the sources, nothing is imported."""

import ast
import re

import pytest

HOST = {'mmaction', 'mmcv', 'mmengine'}
MAY_USE = {
    'clip': '',
    'vocabulary': '',
    'benchmark': '',
    'visualization': '',
    'datasets': 'clip vocabulary',
    'evaluation': 'benchmark',
    'mini': 'clip datasets',
    'synthesis': 'clip datasets vocabulary',
    'models': 'clip vocabulary',
    'engine': 'benchmark clip datasets evaluation released visualization '
    'vocabulary',
    'released': 'clip models vocabulary',
    'apis': 'benchmark clip datasets engine models released visualization '
    'vocabulary',
    'demo': 'apis datasets engine models visualization vocabulary',
}
PACKAGES = set(MAY_USE)
PURE = {'clip', 'vocabulary', 'benchmark', 'visualization'}


def imports_of(path, root):
    """Yield the absolute names that a file imports, anywhere in it."""
    package = path.relative_to(root).parent.parts
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) + 1 - node.level]
            prefix = '.'.join(base) + '.' if node.level else ''
            module = prefix + (node.module or '')
            yield from (f'{module}.{alias.name}' for alias in node.names)


def files(repo, package):
    return sorted((repo / 'mmovar' / package).rglob('*.py'))


def test_every_package_is_named_in_the_rule(repo):
    found = {
        path.name
        for path in (repo / 'mmovar').iterdir()
        if path.is_dir() and any(path.glob('*.py'))
    }
    assert found == PACKAGES


def test_readme_tells_the_rule(repo):
    text = (repo / 'README.md').read_text()
    rows = re.findall(
        r'^\| `mmovar/(\w+)` \|.*\| (.*) \|$', text, re.MULTILINE
    )
    told = {room: re.split('[,;] ', may.split(';')[0]) for room, may in rows}
    assert told == {
        package: allowed.split() or ['nothing']
        for package, allowed in MAY_USE.items()
    }


@pytest.mark.parametrize('package', sorted(PACKAGES))
def test_package_imports_only_its_neighbours(repo, package):
    for path in files(repo, package):
        for name in imports_of(path, repo):
            parts = name.split('.')
            if parts[0] != 'mmovar' or len(parts) < 2:
                continue
            if parts[1] in PACKAGES:
                allowed = {package, *MAY_USE[package].split()}
                assert parts[1] in allowed, f'{path} imports {name}'


@pytest.mark.parametrize('package', sorted(PURE))
def test_pure_package_knows_nothing_of_the_host(repo, package):
    for path in files(repo, package):
        for name in imports_of(path, repo):
            assert name.split('.')[0] not in HOST, f'{path} imports {name}'


def test_nobody_imports_tools_or_configs(repo):
    for path in (repo / 'mmovar').rglob('*.py'):
        for name in imports_of(path, repo):
            first = name.split('.')[0]
            assert first not in ('tools', 'configs'), f'{path}: {name}'


def test_package_neither_prints_nor_asserts(repo):
    for path in (repo / 'mmovar').rglob('*.py'):
        for node in ast.walk(ast.parse(path.read_text())):
            assert not isinstance(node, ast.Assert), f'assert in {path}'
            if isinstance(node, ast.Call):
                name = getattr(node.func, 'id', '')
                assert name != 'print', f'print in {path}:{node.lineno}'


def test_no_test_file_imports_another(repo):
    paths = list((repo / 'tests').rglob('*.py'))
    names = {path.stem for path in paths if path.stem.startswith('test_')}
    for path in paths:
        for name in imports_of(path, repo / 'tests'):
            first, *rest = name.split('.')
            assert first != 'tests', f'{path} imports {name}'
            if first != 'mmovar':
                strange = names.intersection([first, *rest])
                assert not strange, f'{path} imports {name}'


def test_nobody_imports_tests(repo):
    for folder in ('mmovar', 'tools', 'configs'):
        for path in (repo / folder).rglob('*.py'):
            for name in imports_of(path, repo):
                first = name.split('.')[0]
                assert first not in ('tests', 'helpers'), f'{path}: {name}'
