"""Values of ``--cfg-options KEY=VALUE``, with their blanks."""

import argparse
import ast
from typing import Any

_CLOSING = {'(': ')', '[': ']', '{': '}'}


class DictAction(argparse.Action):
    """Collect ``KEY=VALUE`` words in a dict.

    MMEngine's action of this name deletes every blank of a value:
    ``templates="[a {}]"`` becomes ``'a{}'``, ``/my data`` ``'/mydata'``.
    """

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        """Add words to what is there; of a key given twice the last counts.

        Raises:
            argparse.ArgumentError: If a word is malformed.
        """
        options = dict(getattr(namespace, self.dest) or {})
        try:
            options |= map(parse_option, values)
        except ValueError as error:
            raise argparse.ArgumentError(self, str(error)) from error
        setattr(namespace, self.dest, options)


def parse_option(word: str) -> tuple[str, Any]:
    """Read one ``KEY=VALUE``.

    Returns:
        The key and its value, see :func:`parse_value`.

    Raises:
        ValueError: If the word is malformed.
    """
    key, sign, value = word.partition('=')
    key = key.strip()
    if not sign or not key:
        raise ValueError(
            f'{word!r} is not KEY=VALUE: quote what has blanks, as in '
            '"KEY=a b", and leave none around the ='
        )
    if not value.strip():
        raise ValueError(
            f'{key} has no value: write {key}=None, or "{key}=\'\'" for an '
            'empty text'
        )
    try:
        return key, parse_value(value)
    except ValueError as error:
        raise ValueError(f'{key}: {error}') from error


def parse_value(text: str) -> Any:
    """Read a value as MMEngine does, but keep its blanks.

    Args:
        text: A number, ``True``, ``False`` or ``None``; a list ``a,b`` or
            ``[a,b]`` or a tuple ``(a,b)`` of values; a dict as Python writes
            it; or any other text. What is in quotes is a text as it is:
            ``"['a, b', '5']"``. Blanks around a value are dropped, blanks
            inside are kept.

    Raises:
        ValueError: If brackets or quotes are not closed, or an element of a
            list is empty.
    """
    text = text.strip()
    if text[:1] in ('"', "'") and _end_of_quote(text) == len(text):
        return ast.literal_eval(text)
    if text[:1] == '{' and text[-1:] == '}' and ':' in text:
        return _dict(text)
    for opening, kind in (('[', list), ('(', tuple)):
        if text[:1] == opening:
            parts = _split(text)
            if len(parts) == 1 and text[-1:] == _CLOSING[opening]:
                return kind(_elements(text[1:-1]))
    if ',' in text and len(_split(text)) > 1:
        return _elements(text)
    return _scalar(text)


def _elements(text: str) -> list[Any]:
    """Read what is between brackets."""
    if not text.strip():
        return []
    parts = _split(text)
    if not parts[-1].strip():  # a comma may end a list
        parts.pop()
    if not all(part.strip() for part in parts):
        raise ValueError(f"empty element in {text!r}; '' is an empty text")
    return [parse_value(part) for part in parts]


def _split(text: str) -> list[str]:
    """Split at the commas that are in no brackets and no quotes."""
    parts, start, i, open_ = [], 0, 0, []
    while i < len(text):
        char = text[i]
        begins = not text[start:i].strip() or text[:i].rstrip()[-1] in ',[({'
        if char in '"\'' and begins:
            i = _end_of_quote(text, i)
            continue
        if char in _CLOSING:
            open_.append(_CLOSING[char])
        elif char in _CLOSING.values():
            if not open_ or open_.pop() != char:
                raise ValueError(
                    f'bracket {char!r} closes nothing in {text!r}; quote a '
                    'text that has it'
                )
        elif char == ',' and not open_:
            parts.append(text[start:i])
            start = i + 1
        i += 1
    if open_:
        raise ValueError(
            f'{open_[-1]!r} is missing in {text!r}; quote a text that has '
            'the other half'
        )
    return [*parts, text[start:]]


def _end_of_quote(text: str, start: int = 0) -> int:
    """Return the index behind a text in quotes."""
    i = start + 1
    while i < len(text) and text[i] != text[start]:
        i += 2 if text[i] == '\\' else 1
    if i >= len(text):
        raise ValueError(f'the quote {text[start]} is not closed in {text!r}')
    return i + 1


def _dict(text: str) -> dict[Any, Any]:
    try:
        value = ast.literal_eval(text)
    except (SyntaxError, ValueError) as error:
        raise ValueError(
            f'{text!r} is no dict as Python writes it, with texts in quotes'
        ) from error
    if not isinstance(value, dict):
        raise ValueError(f'{text!r} is a set, not a dict')
    return value


def _scalar(text: str) -> Any:
    for convert in (int, float):
        try:
            return convert(text)
        except ValueError:
            continue
    named = dict(true=True, false=False).get(text.lower(), text)
    return None if text == 'None' else named
