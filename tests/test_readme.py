"""What the READMEs and metafiles name exists, and numbers are the papers'."""

import re
from glob import glob
from itertools import product
from pathlib import Path

import pytest
import yaml
from mmengine.config import Config

from mmovar.benchmark import find_numbers

REPO = Path(__file__).parents[1]
PAGES = [
    REPO / 'README.md',
    *sorted((REPO / '.github').rglob('*.md')),
    *sorted(
        page
        for room in ('configs', 'mmovar', 'tests', 'tools')
        for page in (REPO / room).rglob('README.md')
    ),
]
METAFILES = sorted((REPO / 'configs').glob('*/metafile.yml'))
FENCE = re.compile(r'^```.*?^```', re.MULTILINE | re.DOTALL)
LINK = re.compile(r'\]\(([^)\s]+)\)')
PATH = re.compile(
    r'(?<![\w/.-])'
    r'((?:configs|mmovar|requirements|tests|tools)/'
    r'(?:[\w./*-]|{[\w,./*-]*})+)'
)
FILE = re.compile(r'`([\w-]+\.(?:py|sh))`')
PAPERS = dict(
    open_mede='open-mede',
    open_vclip='open-vclip',
    tc_clip='tc-clip',
    vifi_clip='vifi-clip',
    clip='open-mede',
    learners='open-mede',
)
METRICS = {
    'Top 1 Accuracy': 'top1',
    'Top 5 Accuracy': 'top5',
    'Base Top 1 Accuracy': 'base',
    'Novel Top 1 Accuracy': 'novel',
    'Harmonic Mean': 'hm',
}


def name_of(path):
    return str(path.relative_to(REPO))


def each_page(test):
    return pytest.mark.parametrize('page', PAGES, ids=name_of)(test)


def anchors(page):
    """Return the anchors that GitHub gives to the headings of a page."""
    prose = FENCE.sub('', page.read_text())
    titles = re.findall(r'^#+ (.+)$', prose, re.MULTILINE)
    return {
        re.sub(r'[^\w -]', '', title.lower()).replace(' ', '-')
        for title in titles
    }


def spelled_out(path):
    """Return the paths that braces stand for, as in a shell."""
    parts = re.split(r'{([^}]*)}', path)
    choices = [
        part.split(',') if i % 2 else [part] for i, part in enumerate(parts)
    ]
    return [''.join(choice) for choice in product(*choices)]


def test_readme_is_short():
    assert len((REPO / 'README.md').read_text().splitlines()) <= 250


@each_page
def test_links_lead_somewhere(page):
    for link in LINK.findall(FENCE.sub('', page.read_text())):
        if re.match(r'https?:', link):
            continue
        path, _, anchor = link.partition('#')
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target), link


@each_page
def test_named_files_exist(page):
    if page.name == 'CHANGELOG.md':  # names what is gone, too
        return
    text = page.read_text()
    for named in PATH.findall(text):
        for path in spelled_out(named.rstrip('.')):
            assert glob(str(REPO / path)), named
    for name in FILE.findall(text):
        found = [
            path
            for room in ('configs', 'mmovar', 'tests', 'tools')
            for path in (REPO / room).rglob(name)
        ]
        assert found, name


def test_configs_and_tools_named_in_sources_exist():
    for room in ('configs', 'mmovar', 'tools'):
        for source in (REPO / room).rglob('*.py'):
            for path in re.findall(
                r'\b(?:configs|tools)/[\w/.-]+\.(?:py|sh)\b',
                source.read_text(),
            ):
                assert (REPO / path).is_file(), f'{source}: {path}'


@pytest.mark.parametrize('folder', sorted(PAPERS))
def test_page_of_a_method_names_all_its_configs(folder):
    text = (REPO / 'configs' / folder / 'README.md').read_text()
    for config in (REPO / 'configs' / folder).rglob('*.py'):
        assert config.name in text, config


def test_page_of_tools_names_all_tools():
    text = (REPO / 'tools/README.md').read_text()
    for tool in (REPO / 'tools').rglob('*'):
        started = tool.suffix == '.sh' or (
            tool.suffix == '.py' and '__main__' in tool.read_text()
        )
        if started:
            assert f'`{name_of(tool)}`' in text, tool


def test_tables_of_mini_can_be_replaced():
    text = (REPO / 'configs/mini/README.md').read_text()
    for mark in re.findall(r'--mark ([\w-]+)', text):
        start, end = (f'<!-- {mark}:{edge} -->' for edge in ('start', 'end'))
        assert text.count(start) == text.count(end) == 1
        assert text.index(start) < text.index(end)
    assert len(re.findall('--readme configs/mini/README.md --mark', text)) == 3


@pytest.mark.parametrize('file', METAFILES, ids=name_of)
def test_metafile_agrees_with_configs_and_papers(file):
    content = yaml.safe_load(file.read_text())
    collections = {entry['Name'] for entry in content['Collections']}
    for entry in content['Collections']:
        assert (REPO / entry['README']).is_file()
    for model in content['Models']:
        assert model['In Collection'] in collections
        config = Config.fromfile(REPO / model['Config'])
        meta = model['Metadata']
        if 'Epochs' in meta:
            assert meta['Epochs'] == config.train_cfg.max_epochs, model
            batch_size = config.train_dataloader.batch_size
            assert meta['Batch Size'] == batch_size, model
        for result in model['Results']:
            for name, value in result['Metrics'].items():
                title, _, source = name.partition(' (')
                assert source == 'paper)'
                assert find_numbers(
                    paper=PAPERS[file.parent.name],
                    dataset=result['Dataset'],
                    metric=METRICS[title],
                    value=value,
                ), (model['Name'], name, value)


def test_every_method_has_a_metafile():
    assert {file.parent.name for file in METAFILES} == set(PAPERS)
