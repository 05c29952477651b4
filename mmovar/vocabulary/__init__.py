"""Class names and prompt templates: plain Python, no host needed."""

from .catalog import builtin_vocabularies, is_builtin
from .classnames import list_or_names, read_classnames
from .ep1 import ep1_draws
from .legacy import hmdb51_legacy_names, is_legacy
from .spelling import CLASSNAME_STYLES, SPELLINGS, class_key, spell
from .templates import TEMPLATES, resolve_templates

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
    'list_or_names',
    'read_classnames',
    'resolve_templates',
    'spell',
]
