"""Malformed lists, names and templates: read right, or a clear error."""

import re

import pytest

from faults.malformed_inputs import (
    LIST_NAMES,
    LISTS,
    NAMES,
    TEMPLATES,
    mutated_lists,
    mutated_names,
)
from mmovar.datasets import read_annotation_list
from mmovar.vocabulary import read_classnames, resolve_templates


def check(read, outcome, path=''):
    """Compare with what is right, or with the pattern of the error."""
    if isinstance(outcome, str):
        pattern = re.sub(r'[{}()\[\]]', r'\\\g<0>', outcome)
        pattern = pattern.replace(r'\{path\}', re.escape(str(path)))
        with pytest.raises(ValueError, match=f'(?s){pattern}') as caught:
            read()
        assert len(str(caught.value)) < 1000
    else:
        assert read() == outcome


@pytest.mark.parametrize(
    ('name', 'content', 'outcome'),
    [*LISTS, *mutated_lists(40)],
    ids=lambda value: value if isinstance(value, str) else '',
)
def test_lists(tmp_path, name, content, outcome):
    path = tmp_path / 'list.txt'
    path.write_bytes(content)

    def read():
        return [v[:2] for v in read_annotation_list(path, LIST_NAMES)]

    check(read, outcome, path)


@pytest.mark.parametrize(
    ('file', 'content', 'outcome'), [*NAMES, *mutated_names(30)]
)
def test_class_names(tmp_path, file, content, outcome):
    path = tmp_path / file
    path.write_bytes(content)
    check(lambda: read_classnames(path), outcome, path)


@pytest.mark.parametrize(
    ('name', 'templates', 'outcome'),
    TEMPLATES,
    ids=[name for name, *_ in TEMPLATES],
)
def test_templates(name, templates, outcome):
    check(lambda: resolve_templates(templates), outcome)
