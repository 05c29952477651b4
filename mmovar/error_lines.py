"""Say in one line what went wrong, and whether the program is to blame."""

import difflib
import inspect
import opcode
import os
import re
import types
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

_HERE = Path(__file__).resolve().parent
ROOTS = (f'{_HERE}{os.sep}', f'{_HERE.parent / "tools"}{os.sep}')
"""What lies here is ours."""

_RAISE = opcode.opmap['RAISE_VARARGS']
_KEYWORD = re.compile(r"(\S+)\(\) got an unexpected keyword argument '(\w+)'")
_ABSENT = re.compile(r'(\S+) is not in the (?:\w+::)?(.+?) registry')
_WORKER = re.compile(r'^Caught \w+ in (DataLoader worker)')
_LAST_LINE = re.compile(r'^(?:\w+\.)*(\w+): (.*)', re.DOTALL | re.MULTILINE)


def error_line(error: BaseException) -> tuple[str, bool]:
    """Describe an exception.

    Args:
        error: As it was caught, with its traceback.

    Returns:
        A line without a line break, and whether it was expected: raised on
        purpose by mmovar or by a library, or about a file or the memory.
        What a library makes of an argument of a config is, too. All else is
        an error of the program; its line has the type and the place.
    """
    error = _cause(error)
    places = list(_places(error))
    name, text = type(error).__name__, _message(error)
    asked = _asked_for(error, places)
    if asked:
        return asked, True
    if isinstance(error, OSError) and error.filename and error.strerror:
        return _line(f'{error.filename}: {error.strerror}'), True
    if isinstance(error, (OSError, MemoryError)) or 'OutOfMemory' in name:
        return _line(text or name), True
    if not places:
        return _line(text or name), True
    code = places[-1].tb_frame.f_code
    if _WORKER.match(text):
        return _line(_of_worker(text)), True
    ours = os.path.abspath(code.co_filename).startswith(ROOTS)
    # a `raise` (or `assert`), not an operation that failed
    on_purpose = code.co_code[places[-1].tb_lasti] == _RAISE
    if ours and on_purpose and text:
        return _line(text), True
    built = _built(places)
    if on_purpose or (
        not ours
        and isinstance(error, TypeError)
        and (built or _KEYWORD.search(text))
    ):
        return _line(f'{name}: {text}{built}'), True
    place = f'{code.co_filename}:{places[-1].tb_lineno}'
    return _line(f'unexpected {name} at {place}: {text}{built}'), False


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return the end of a sentence that names what is alike, or nothing."""
    found = ' or '.join(map(repr, near(name, known)))
    return f'; did you mean {found}?' if found else ''


def near(name: str, known: Iterable[str]) -> list[str]:
    """Return at most three names that are alike, the nearest first."""
    return difflib.get_close_matches(name, sorted({*known}), n=3, cutoff=0.7)


def _cause(error: BaseException) -> BaseException:
    """Undo what MMEngine's registries wrap around an error."""
    while (
        error.__context__ is not None
        and error.__cause__ is None
        and str(error).startswith('class `')
    ):
        error = error.__context__
    return error


def _places(error: BaseException) -> Iterator[types.TracebackType]:
    place = error.__traceback__
    while place is not None:
        yield place
        place = place.tb_next


def _message(error: BaseException) -> str:
    """``str`` without the quotes that it puts around that of a KeyError."""
    if isinstance(error, KeyError) and len(error.args) == 1:
        return str(error.args[0])
    return str(error)


def _line(text: str) -> str:
    return ' '.join(text.split())


def _built(places: list[types.TracebackType]) -> str:
    """Say what a registry was building, the innermost, if one was."""
    for place in reversed(places):
        frame = place.tb_frame
        known = frame.f_locals
        built = known.get('obj_cls') or known.get('scheduler_cls')
        if frame.f_code.co_name.endswith('_from_cfg') and built is not None:
            given = [
                f'{key}={value!r}'
                for key, value in known.get('args', {}).items()
                if isinstance(value, (str, int, float, list, tuple))
                and len(repr(value)) < 80
            ]
            name = getattr(built, '__name__', built)
            return f', while {name} was built with {", ".join(given)}'
    return ''


def _asked_for(
    error: BaseException, places: list[types.TracebackType]
) -> str | None:
    """Explain a type or an argument that a config asks for in vain."""
    absent = _ABSENT.match(_message(error))
    if absent and isinstance(error, KeyError):
        registry = places[-1].tb_frame.f_locals.get('registry')
        known = _registered(registry) if registry is not None else []
        hint = did_you_mean(absent[1], known)
        return f'there is no {absent[2]} of type {absent[1]!r}{hint}'
    frames = [place.tb_frame for place in places]
    builds = [f for f in frames if f.f_code.co_name == 'build_from_cfg']
    values = builds[-1].f_locals if builds else {}
    built = values.get('obj_cls')
    unknown = _KEYWORD.search(str(error))
    if not isinstance(error, TypeError) or not unknown or not built:
        return None
    if unknown[2] not in values.get('args', {}):
        return None
    known = _arguments(built)
    return (
        f'{built.__name__} has no argument {unknown[2]!r}'
        f'{did_you_mean(unknown[2], known)} (it takes {", ".join(known)})'
    )


def _registered(registry: Any) -> list[str]:
    """Names of a registry, of its children and of its parents."""
    names, top = [], registry
    while top.parent is not None:
        top = top.parent
    for one in (top, *top.children.values()):
        names += one.module_dict
    return names


def _arguments(built: Any) -> list[str]:
    """Names of the arguments of a class, its parents' where it passes on."""
    names: dict[str, None] = {}
    for cls in getattr(built, '__mro__', (built,)):
        function = vars(cls).get('__init__') if isinstance(cls, type) else cls
        if function is None or cls is object:
            continue
        parameters = inspect.signature(function).parameters.values()
        names |= {
            p.name: None
            for p in parameters
            if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)
            and p.name != 'self'
        }
        if not any(p.kind is p.VAR_KEYWORD for p in parameters):
            break
    return list(names)


def _of_worker(text: str) -> str:
    """Take the error out of the traceback that a data worker sends."""
    found = [m for m in _LAST_LINE.finditer(text) if 'Error' in m[1]]
    if not found:
        return text
    return f'{found[-1][1]} in a data worker: {found[-1][2]}'
