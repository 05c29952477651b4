r"""Malformed lists, class names and templates, and what must happen.

Each case is ``(name, content, outcome)``. The outcome is what is read, or the
pattern of an error, with ``{path}`` for the file. Contents are bytes; those of
templates are the value itself.
"""

import json
import random
import re

LIST_NAMES = ('diving', 'kick', 'kick ball')
"""Class names that the lists count."""

MANY = '9' * 5000
_AB = [('a.mp4', 0), ('b.mp4', 2)]
_LABEL = '{path}, line %d: the label must be an integer'
_FORM = "{path}, line %d: expected 'path label'"
_SEVERAL = '{path}, line %d: several numbers .* multi-label'
_RANGE = '{path}, line %d: label %s is out of range'
_COMMENT = '{path}, line %d: .*comment'

LISTS = [
    ('two videos', b'a.mp4 0\nb.mp4 2\n', _AB),
    ('no end', b'a.mp4 0\nb.mp4 2', _AB),
    ('old Mac', b'a.mp4 0\rb.mp4 2\r', _AB),
    ('mark and CRLF', b'\xef\xbb\xbfa.mp4 0\r\nb.mp4 2\r\n', _AB),
    ('blank lines', b'\n \na.mp4 0\n\t\nb.mp4 2\n\n', _AB),
    ('semicolons', b'a.mp4;0\nb.mp4;2\n', _FORM % 1),
    ('pipes', b'a.mp4|0\n', _FORM % 1),
    ('empty', b'', '{path}: the annotation list is empty'),
    ('blanks', b' \n\t\n', '{path}: the annotation list is empty'),
    ('a mark alone', b'\xef\xbb\xbf', '{path}: the annotation list is empty'),
    ('UTF-16', 'a.mp4 0'.encode('utf-16'), '{path}, line 1: UTF-16'),
    ('UTF-16 BE', 'a.mp4 0'.encode('utf-16-be'), '{path}, line 1: a NUL byte'),
    ('UTF-32', 'a.mp4 0'.encode('utf-32'), '{path}, line 1: UTF-16'),
    ('latin-1', b'a.mp4 0\n\xfc.mp4 1\n', '{path}, line 2: byte 0xfc'),
    ('Shift JIS', '動画.mp4 1'.encode('shift-jis'), '{path}, line 1: byte'),
    ('a NUL byte', b'a.mp4 0\nb\0.mp4 1\n', '{path}, line 2: a NUL byte'),
    ('a video', b'\0\0\0\x18ftypmp42\0\0', '{path}, line 1: a NUL byte'),
    ('gzip', b'\x1f\x8b\x08\x00abc', '{path}, line 1: byte 0x8b'),
    ('a word', b'hello\n', _FORM % 1),
    ('HTML', b'<!DOCTYPE html>\n<html></html>\n', _LABEL % 1),
    ('JSON', b'{"a.mp4": 0}\n', _LABEL % 1),
    ('Git LFS', b'version https://git-lfs.github.com/spec/v1\n', _LABEL % 1),
    ('a header', b'path label\na.mp4 0\n', _LABEL % 1),
    ('a csv header', b'path,label\na.mp4,0\n', _LABEL % 1),
    ('an index of pandas', b',path,label\n0,a.mp4,0\n', _LABEL % 1),
    ('a name as label', b'a.mp4 diving\n', _LABEL % 1),
    ('a float', b'a.mp4 1.0\n', _LABEL % 1),
    ('hexadecimal', b'a.mp4 0x1\n', _LABEL % 1),
    ('digits in groups', b'a.mp4 1_0\n', _LABEL % 1),
    ('digits of Arabic', 'a.mp4 ١\n'.encode(), _LABEL % 1),
    ('superscript', 'a.mp4 ²\n'.encode(), _LABEL % 1),
    ('full width', 'a.mp4 ２\n'.encode(), _LABEL % 1),
    ('5000 digits', f'a.mp4 {MANY[:4000]}\n'.encode(), _LABEL % 1),
    ('a long line', f'a.mp4 {MANY}\n'.encode(), '{path}, line 1: 5006 char'),
    ('10 digits', b'a.mp4 1234567890\n', _LABEL % 1),
    ('an exponent', b'a.mp4 1e0\n', _LABEL % 1),
    ('NaN', b'a.mp4 nan\n', _LABEL % 1),
    ('True', b'a.mp4 True\n', _LABEL % 1),
    ('brackets', b'a.mp4 [1]\n', _LABEL % 1),
    ('a plus', b'a.mp4 +1\n', [('a.mp4', 1)]),
    ('negative', b'a.mp4 -1\n', _RANGE % (1, -1)),
    ('too large', b'a.mp4 0\nb.mp4 3\n', _RANGE % (2, 3)),
    ('from 1', b'a.mp4 1\nb.mp4 2\nc.mp4 3\n', '{path}: .* count from 1'),
    ('no label at the end', b'a.mp4 0\nb.mp4\n', _FORM % 2),
    ('no path', b' 0\n', _FORM % 1),
    ('no path before a comma', b',0\n', _FORM % 1),
    ('no label after a comma', b'a.mp4,\n', _FORM % 1),
    ('no labels at all', b'a.mp4\nb.mp4\n', '{path}, line 1: no label'),
    ('classes by folder', b'kick/a.mp4\ndiving/b.mp4\n',
     [('kick/a.mp4', 1), ('diving/b.mp4', 0)]),
    ('two labels', b'a.mp4 0 2\n', _SEVERAL % 1),
    ('three labels', b'b.mp4 1\na.mp4 10 50 0\n', _SEVERAL % 2),
    ('labels and commas', b'a.mp4,0,2\n', _SEVERAL % 1),
    ('labels and a comma', b'a.mp4 0,2\n', _SEVERAL % 1),
    ('labels and tabs', b'a.mp4\t0\t2\n', _SEVERAL % 1),
    ('labels and a quoted path', b'"a.mp4",0,2\n', _SEVERAL % 1),
    ('labels, upper case', b'A.MP4 0 2\n', _SEVERAL % 1),
    ('labels of a folder', b'dir 0 2\n', '{path}, line 1: .*0 frames.*multi'),
    ('no frames', b'one 30 0\ntwo 0 1\n', '{path}, line 2: .*0 frames'),
    ('one-hot', b'a.mp4 0 0 1\n', _SEVERAL % 1),
    ('scores', b'a.mp4 0.2 0.8\n', _LABEL % 1),
    ('a comment', b'# my list\na.mp4 0\n', _COMMENT % 1),
    ('a comment with a number', b'# fold 1\na.mp4 0\n', _COMMENT % 1),
    ('a comment below', b'a.mp4 0\n#b.avi was bad 2\n', _COMMENT % 2),
    ('a comment of folders', b'# fold 30 1\none 30 0\n', _COMMENT % 1),
    ('a comment behind', b'a.mp4 0 # good\n', _LABEL % 1),
    ('a number sign in a name', b'#1 dunk.mp4 1\n', [('#1 dunk.mp4', 1)]),
    ('the same twice', b'a.mp4 0\na.mp4 0\n', [('a.mp4', 0), ('a.mp4', 0)]),
    ('two labels, two lines', b'a.mp4 0\nb.mp4 1\na.mp4 2\n',
     "{path}, line 3: 'a.mp4' has label 2, but 0 in line 1; a multi-label"),
    ('two labels, other path', b'x/a.mp4 0\nx/./a.mp4 1\n', '{path}, line 2'),
    ('two labels of frames', b'one 30 0\none 30 1\n', '{path}, line 2'),
    ('folder and label', b'kick/a.mp4 0\n', '{path}, line 1: .*do not fit'),
    ('an open quote', b'"a.mp4,0\n', [('"a.mp4', 0)]),
    ('numbers in a name', b'take 2 1.mp4 0\n', [('take 2 1.mp4', 0)]),
    ('suffix in a name', b'a.mp4 2 b.mp4 1\n', [('a.mp4 2 b.mp4', 1)]),
    ('blanks of the web', 'a.mp4\xa00\n'.encode(), [('a.mp4', 0)]),
    ('a form feed', b'a\x0cb.mp4 0\n', [('a\x0cb.mp4', 0)]),
    ('a line separator', 'a\u2028b.mp4 0\n'.encode(),
     [('a\u2028b.mp4', 0)]),
]  # fmt: skip

_TWIN = '{path}, line %d: .* is the name of class %d and of class %d'
_COUNT = '{path}: all lines begin with a number.*count from 0 or 1'
_ROW = '{path}, line %d: expected id,name, got'
_JSON = '{path}: expected a list of names'
_THREE = ('a', 'b', 'c')

NAMES = [
    ('n.txt', b'a\nb\nc\n', _THREE),
    ('n.txt', b'\xef\xbb\xbfa\r\nb\r\nc\r\n\r\n', _THREE),
    ('n.txt', b'  a  \n\tb\nc', _THREE),
    ('n.txt', b'1 a\n2 b\n3 c\n', _THREE),
    ('n.txt', b'0,a\n1,b\n2,c\n', _THREE),
    ('n.txt', b'0\ta\n1\tb\n2\tc\n', _THREE),
    ('n.txt', b'1. a\n2. b\n3. c\n', _THREE),
    ('n.txt', b'1) a\n2) b\n3) c\n', _THREE),
    ('n.txt', b'0: a\n1: b\n2: c\n', _THREE),
    ('n.txt', b'000 a\n001 b\n002 c\n', _THREE),
    ('n.txt', b'1 ApplyEyeMakeup\n', ('ApplyEyeMakeup',)),
    ('n.txt', b'1 a\n3 b\n2 c\n', _COUNT),
    ('n.txt', b'2 a\n3 b\n', _COUNT),
    ('n.txt', b'0 a\n0 b\n', _COUNT),
    ('n.txt', b'100 m\n200 m\n', _COUNT),
    ('n.txt', f'{MANY} a\n'.encode(), _COUNT),
    ('n.txt', b'id name\n0 a\n1 b\n', '{path}, line 1: no number before'),
    ('n.txt', b'0 a\n1 b\nc\n', '{path}, line 3: no number before'),
    ('n.txt', b'3 point shot\ndunk\n', ('3 point shot', 'dunk')),
    ('n.txt', b'100 m\n200 m\nrelay\n', ('100 m', '200 m', 'relay')),
    ('n.txt', b'2D animation\n3D\n', ('2D animation', '3D')),
    ('n.txt', b'a,0\nb,1\n', '{path}: each line ends with a number'),
    ('n.txt', b'a\t0\nb\t1\n', '{path}: each line ends with a number'),
    ('n.txt', b'box 1\nbox 2\n', ('box 1', 'box 2')),
    ('n.txt', b'a, b\nc, d\n', ('a, b', 'c, d')),
    ('n.txt', b'a\tx\nb\ty\n', r"{path}, line 1: .*holds '\\t'"),
    ('n.txt', b'"a"\n"b"\n', '{path}: each line stands in quotes'),
    ('n.txt', b'a,\nb,\n', '{path}: each line ends with a sign'),
    ('n.txt', b'["a",\n"b"]\n', '{path}, line 1: .*looks like JSON'),
    ('n.txt', b'{"0": "a"}', '{path}, line 1: .*looks like JSON'),
    ('n.txt', b'<!DOCTYPE html>\n<p></p>\n', '{path}, line 1: .*HTML'),
    ('n.txt', b'# names\na\nb\n', '{path}, line 1: .*comment'),
    ('n.txt', b'a\n#b\n', '{path}, line 2: .*comment'),
    ('n.txt', b'', '{path}: no class name found'),
    ('n.txt', b'\n\n', '{path}: no class name found'),
    ('n.txt', b'a\n\nb\n', '{path}, line 2: .*empty'),
    ('n.txt', b'\na\n', '{path}, line 1: .*empty'),
    ('n.txt', b'a\nb\na\n', _TWIN % (3, 0, 2)),
    ('n.txt', b'Archery\narchery\n', _TWIN % (2, 0, 1) + '.*alike'),
    ('n.txt', b'tai chi\ntai  chi\n', _TWIN % (2, 0, 1)),
    ('n.txt', 'a\nb'.encode('utf-16'), '{path}, line 1: UTF-16'),
    ('n.txt', b'a\nk\xfcssen\n', '{path}, line 2: byte 0xfc is not UTF-8'),
    ('n.txt', b'a\nb\0\n', '{path}, line 2: a NUL byte'),
    ('n.txt', b'a\n\x1b[1mb\n', '{path}, line 2: .*no text'),
    ('n.txt', b'a\x0cb\n', '{path}, line 1: .*no text'),
    ('n.txt', 'k\ufffdssen\n'.encode(), '{path}, line 1: .*no text'),
    ('n.txt', 'küssen\n射箭\n🏹\n'.encode(), ('küssen', '射箭', '🏹')),
    ('n.csv', b'id,name\n0,a\n1,b\n2,c\n', _THREE),
    ('n.csv', b'2,c\n0,a\n1,b\n', _THREE),
    ('n.csv', b'Label,Class\n0,a\n1,b\n2,c\n', _THREE),
    ('n.csv', b'x,a\n0,b\n1,c\n', _ROW % 1),
    ('n.csv', b'name,id\na,0\n', _ROW % 1),
    ('n.csv', b'a,0\nb,1\n', _ROW % 1),
    ('n.csv', b'a\nb\n', _ROW % 1),
    ('n.csv', b'0;a\n1;b\n', _ROW % 1),
    ('n.csv', b'0\ta\n', _ROW % 1),
    ('n.csv', b'0,a\nx,b\n', _ROW % 2),
    ('n.csv', b'0,a,train\n', _ROW % 1),
    ('n.csv', b'0,a, b\n', _ROW % 1),
    ('n.csv', b'0.0,a\n', _ROW % 1),
    ('n.csv', b'-1,a\n', _ROW % 1),
    ('n.csv', '0,a\n²,b\n'.encode(), _ROW % 2),
    ('n.csv', '0,a\n١,b\n'.encode(), _ROW % 2),
    ('n.csv', f'0,a\n{MANY},b\n'.encode(), _ROW % 2),
    ('n.csv', b'# names\n0,a\n', _ROW % 1),
    ('n.csv', b'0,"a\n1,b\n', '{path}, line 2: unexpected end'),
    ('n.csv', b'0,"a"x\n', '{path}, line 1: .*quotes'),
    ('n.csv', b'0,"a\nb"\n', r"{path}, line 2: .*holds '\\n'"),
    ('n.csv', b'0,"' + b'a' * 200_000 + b'"\n', '{path}, line 1: field larg'),
    ('n.csv', b'0,a\n2,b\n', r'{path}: ids must be 0..1, 1 is missing'),
    ('n.csv', b'1,a\n2,b\n', r'{path}: ids must be 0..1, 0 is missing'),
    ('n.csv', b'0,a\n0,b\n', '{path}, line 2: id 0 occurs twice'),
    ('n.csv', b'0,a\n1,a\n', _TWIN % (2, 0, 1)),
    ('n.csv', b'0,\n', '{path}, line 1: .*empty'),
    ('n.csv', b'id,name\n', '{path}: no class name found'),
    ('n.csv', b'', '{path}: no class name found'),
    ('n.csv', b'0,a\n1,k\xfcssen\n', '{path}, line 2: byte 0xfc'),
    ('n.json', b'["a", "b", "c"]', _THREE),
    ('n.json', b'{"0": "a", "2": "c", "1": "b"}', _THREE),
    ('n.json', b'{"a": 0, "c": 2, "b": "1"}', _THREE),
    ('n.json', b'{"0": "a", "1": "b", "1": "c"}', "{path}: key '1' occurs tw"),
    ('n.json', b'{"a": 0, "a": 1}', "{path}: key 'a' occurs twice"),
    ('n.json', '{"0": "a", "²": "b"}'.encode(), _JSON),
    ('n.json', f'{{"{MANY}": "a"}}'.encode(), _JSON),
    ('n.json', f'{{"a": {MANY}}}'.encode(), '{path}: Exceeds the limit'),
    ('n.json', b'{"a": 0.0}', _JSON),
    ('n.json', b'{"a": true}', _JSON),
    ('n.json', b'{"a": null}', _JSON),
    ('n.json', b'{"a": "b"}', _JSON),
    ('n.json', b'{"a": -1}', '{path}: ids must be 0..0, 0 is missing'),
    ('n.json', b'{"a": [0]}', _JSON),
    ('n.json', b'{"classes": ["a"]}', _JSON),
    ('n.json', b'"a"', _JSON),
    ('n.json', b'3', _JSON),
    ('n.json', b'null', _JSON),
    ('n.json', b'[]', '{path}: no class name found'),
    ('n.json', b'{}', '{path}: no class name found'),
    ('n.json', b'[1, 2]', '{path}: name of class 0 is .*not a string'),
    ('n.json', b'[["a"]]', '{path}: name of class 0 is .*not a string'),
    ('n.json', b'["a", ""]', '{path}: name of class 1 is empty'),
    ('n.json', b'["a", " "]', '{path}: name of class 1 is empty'),
    ('n.json', b'["a", "a "]', '{path}: .*class 0 and of class 1'),
    ('n.json', b'["a", "\\ud800"]', '{path}: name of class 1 .*no text'),
    ('n.json', b'["a", "\\u0000"]', '{path}: name of class 1 .*no text'),
    ('n.json', b'["a",\n"b"', '{path}, line 2: not JSON'),
    ('n.json', b"['a']", '{path}, line 1: not JSON'),
    ('n.json', b'', '{path}, line 1: not JSON'),
    ('n.json', b'[' * 100_000, '{path}: .*recursion'),
    ('n.json', b'{"a": 0}\n{"b": 1}\n', '{path}, line 2: not JSON'),
    ('n.json', b'["k\xfcssen"]', '{path}, line 1: byte 0xfc'),
    ('n.yaml', b'- a\n', 'cannot read class names from .*n.yaml'),
    ('n', b'a\n', 'cannot read class names from'),
]  # fmt: skip
"""Name of the file, content, names or pattern of an error."""

_BRACES = "template %s must hold '{}' exactly once"
_UNKNOWN = 'unknown templates %s: expected one of'
TEMPLATES = [
    ('a set', 'bare', ('{}',)),
    ('a sentence', 'a {}.', ('a {}.',)),
    ('two', ['{}', 'a {}'], ('{}', 'a {}')),
    ('signs', ['“{}” 100 % \\ é'], ('“{}” 100 % \\ é',)),
    ('no set', 'open_clip', _UNKNOWN % "'open_clip'"),
    ('empty', '', _UNKNOWN % "''"),
    ('blanks', ' ', _UNKNOWN % "' '"),
    ('a set in capitals', 'BARE', _UNKNOWN % "'BARE'"),
    ('of Python', 'a %s', _UNKNOWN % "'a %s'"),
    ('a number', 'a {0}', _UNKNOWN % "'a {0}'"),
    ('a name', 'a {name}', _UNKNOWN % "'a {name}'"),
    ('an open brace', 'a {', _UNKNOWN % "'a {'"),
    ('escaped', '{{}}', _BRACES % "'{{}}'"),
    ('escaped, in a list', ['{}', 'a {{}}'], _BRACES % "'a {{}}'"),
    ('twice', '{} {}', _BRACES % "'{} {}'"),
    ('with a name', '{} {x}', _BRACES % "'{} {x}'"),
    ('with a number', '{} {0}', _BRACES % "'{} {0}'"),
    ('with an attribute', '{} {0.x}', _BRACES % "'{} {0.x}'"),
    ('an open brace more', '{} {', _BRACES % "'{} {'"),
    ('a closed brace more', '{} }', _BRACES % "'{} }'"),
    ('three open braces', '{{{}', _BRACES % "'{{{}'"),
    ('in braces', '{{{}}}', _BRACES % "'{{{}}}'"),
    ('none', [], 'no template given'),
    ('a set in a list', ['bare'], _BRACES % "'bare'"),
    ('an empty one', ['{}', ''], _BRACES % "''"),
    ('a list in a list', [['{}']], _BRACES % "['{}']"),
    ('nothing', None, 'templates must be .* got None'),
    ('no text', 3, 'templates must be .* got 3'),
    ('no text in a list', [3], _BRACES % '3'),
    ('bytes', b'{}', _BRACES % '123'),
]


def mutated_lists(count, seed=0):
    """Draw lists with faults at random places, and what must happen."""
    rng = random.Random(seed)
    faults = [
        (lambda line: line.replace(' ', ' x '), None),
        (lambda line: line + ' 1', _SEVERAL),
        (lambda line: line + ',2,0', _SEVERAL),
        (lambda line: line.replace(' ', ''), _FORM),
        (lambda line: line + '.5', _LABEL),
        (lambda line: line[:-1] + 'Ü', _LABEL),
        (lambda line: line[:-1] + '7', _RANGE.replace('%s', '7')),
        (lambda line: '# ' + line.replace('.mp4', ''), _COMMENT),
        (lambda line: line.replace('v', '\0', 1), '{path}, line %d: a NUL'),
        (lambda line: line + '\udcfc', '{path}, line %d: byte 0xfc'),
    ]
    for i in range(count):
        rows = [f'v{k} {rng.choice("abc")}.mp4 {k % 3}' for k in range(12)]
        place = rng.randrange(12)
        change, outcome = rng.choice(faults)
        good = [tuple(row.rsplit(' ', 1)) for row in rows]
        rows[place] = change(rows[place])
        if outcome is None:  # a path with other blanks in it
            path, label = rows[place].rsplit(' ', 1)
            good[place] = (path, label)
            outcome = [(path, int(label)) for path, label in good]
        else:
            outcome = outcome % (place + 1)
        end = rng.choice(['\n', '\r\n', '\n\n'])
        content = end.join(rows).encode(errors='surrogateescape')
        if end == '\n\n' and isinstance(outcome, str):
            outcome = re.sub(r'line \d+', f'line {2 * place + 1}', outcome)
        yield f'drawn {seed} {i}', content, outcome


def mutated_names(count, seed=0):
    """Draw files of names with one fault, and what must happen."""
    rng = random.Random(seed)
    for _ in range(count):
        names = [f'{w} {v}' for w in 'abcd' for v in ('to', 'on')]
        rng.shuffle(names)
        k = rng.randrange(1, 8)
        rows = [f'{n},{name}' for n, name in enumerate(names)]
        table = dict(enumerate(names))
        fault = rng.choice(['id', 'twin', 'lost', 'none', 'field', 'json'])
        outcome, file = tuple(names), 'n.csv'
        if fault == 'id':
            rows[k] = 'x' + rows[k]
            outcome = _ROW % (k + 1)
        elif fault == 'twin':
            rows[k] = f'{k},{names[0].upper()}'
            outcome = _TWIN % (k + 1, 0, k)
        elif fault == 'lost' and k < 7:
            del rows[k]
            outcome = f'{{path}}: ids must be 0..6, {k} is missing'
        elif fault == 'field':
            rows[k] += ',more'
            outcome = _ROW % (k + 1)
        elif fault == 'json':
            del table[k]
            table[8 + k] = names[k]
            outcome, file = f'{{path}}: ids must be 0..7, {k} is', 'n.json'
        text = json.dumps(table) if file == 'n.json' else '\n'.join(rows)
        yield file, text.encode(), outcome
