"""Class names and prompt templates: plain Python, no host needed."""

from mmovar.vocabulary.classnames import BUILTIN_VOCABULARIES, read_classnames
from mmovar.vocabulary.templates import TEMPLATES, resolve_templates

__all__ = [
    'BUILTIN_VOCABULARIES',
    'TEMPLATES',
    'read_classnames',
    'resolve_templates',
]
