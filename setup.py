"""Let old tools call setuptools; every setting is in pyproject.toml."""

from setuptools import setup

setup()
