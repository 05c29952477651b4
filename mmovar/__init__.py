"""Open-vocabulary action recognition for MMAction2."""

__version__ = '0.1.0'
