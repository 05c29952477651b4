"""Class names and prompt templates: plain Python, no host needed."""

from mmovar.vocabulary.catalog import builtin_vocabularies, is_builtin
from mmovar.vocabulary.classname_styles import CLASSNAME_STYLES
from mmovar.vocabulary.classnames import read_classnames
from mmovar.vocabulary.ep1 import ep1_draws
from mmovar.vocabulary.legacy import hmdb51_legacy_names, is_legacy
from mmovar.vocabulary.spelling import SPELLINGS, class_key, spell
from mmovar.vocabulary.templates import TEMPLATES, resolve_templates

__all__ = [
    'builtin_vocabularies',
    'CLASSNAME_STYLES',
    'SPELLINGS',
    'TEMPLATES',
    'class_key',
    'ep1_draws',
    'hmdb51_legacy_names',
    'is_builtin',
    'is_legacy',
    'read_classnames',
    'resolve_templates',
    'spell',
]
