"""How a tool ends."""

import pytest

from mmovar.command_line import run


def exit_code(main, arguments):
    """Call ``main`` as a tool does that was started by a shell."""
    with pytest.raises(SystemExit) as end:
        run(lambda: main([str(argument) for argument in arguments]))
    return end.value.code
