"""An object that runs code when it is unpickled."""

import os


class Bomb:
    """Pickles as a command that leaves a file.

    Args:
        path: The file.
    """

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.system, (f'touch {self.path}',)
