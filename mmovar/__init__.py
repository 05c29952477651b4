"""Open-vocabulary action recognition for MMAction2.

``custom_imports = dict(imports=['mmovar'])`` in a config registers every
piece in MMAction2's registries. Importing does nothing else.
"""

from . import compat

compat.apply()

from . import datasets, engine, evaluation, models  # noqa: E402

__version__ = '0.1.0'
__all__ = ['datasets', 'engine', 'evaluation', 'models']
