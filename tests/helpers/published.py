"""Lists that authors published, from ``tests/data/lists.zip``.

What a list can be made from is not stored: it is made by a plain rule, and
its lines have the digest of the published file.
"""

import csv
import json
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

from . import DATA

ARCHIVE = ZipFile(DATA / 'lists.zip')
STORED = frozenset(ARCHIVE.namelist())
FOLDER = TemporaryDirectory(prefix='mmovar-lists-')
HALVES = ('base', 'novel')
SPLITS = (1, 2, 3)


def published(name):
    """Path of a published file, such as ``'ucf101/vifi/val1.txt'``."""
    path = Path(FOLDER.name, name)
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(
            ARCHIVE.read(name) if name in STORED else made_list(name)
        )
    return path


def read(name):
    return ARCHIVE.read(name).decode('utf-8-sig').splitlines()


def made_list(name):
    """Content of a list that is not stored."""
    counts = json.loads(ARCHIVE.read('counts.json'))
    if name in counts:
        return '\n'.join(numbered(counts[name])).encode()
    lines = derived_lists(name.partition('/')[0])[name]
    digest = sha256('\n'.join(sorted(lines)).encode()).hexdigest()
    assert digest.startswith(json.loads(ARCHIVE.read('digests.json'))[name])
    return '\n'.join(lines).encode()


def numbered(counts):
    """Lines of a large list: numbers for names, sorted by label."""
    for label, count in enumerate(counts):
        for i in range(count):
            yield f'{label}_{i}.mp4 {label}'


@cache
def derived_lists(dataset):
    """Lists of a dataset that are selected from others, by name."""
    return {
        'ucf101': lists_of_ucf101,
        'hmdb51': lists_of_hmdb51,
        'kinetics400': lists_of_kinetics400,
        'kinetics600': lists_of_kinetics600,
        'ssv2': lists_of_ssv2,
    }[dataset]()


def names_of(name):
    """Class names of a csv file."""
    return [row[1] for row in list(csv.reader(read(name)))[1:] if row]


def select(videos, names, line='{0} {2}'):
    """Lines for the videos (path, class) of some classes."""
    labels = {name: label for label, name in enumerate(names)}
    return [
        line.format(path, name, labels[name])
        for path, name in videos
        if name in labels
    ]


def lists_of_ucf101():
    def videos(split):
        paths = [row.split()[0] for row in read(f'ucf101/official/{split}')]
        return [path.split('/')[::-1] for path in paths]

    folder = 'ucf101/base2novel'
    base, novel = (names_of(f'{folder}/{half}_labels.csv') for half in HALVES)
    names = names_of('ucf101/labels_vifi.csv')
    return {
        **{
            f'ucf101/vifi/val{n}.txt': select(
                videos(f'testlist0{n}.txt'), names
            )
            for n in SPLITS
        },
        f'{folder}/base_train.txt': select(videos('trainlist01.txt'), base),
        f'{folder}/base_val.txt': select(videos('testlist01.txt'), base),
        f'{folder}/novel_val.txt': select(videos('testlist01.txt'), novel),
    }


def lists_of_hmdb51():
    rows = list(csv.DictReader(read('hmdb51/official/official_splits.csv')))

    def videos(number, flags):
        return [
            (row['video'], row['class'])
            for row in rows
            if row[f'split{number}'] in flags
        ]

    folder, names = 'hmdb51/base2novel', read('hmdb51/label_map.txt')
    return {
        **{
            f'hmdb51/vifi/val{n}.txt': select(videos(n, '2'), names)
            for n in SPLITS
        },
        f'{folder}/base_train.txt': select(videos(1, '1'), names[25:]),
        f'{folder}/base_val.txt': select(videos(1, '2'), names[25:]),
        f'{folder}/novel_val.txt': select(videos(1, '2'), names[:25]),
        'hmdb51/openvclip_full_test.csv': select(
            videos(1, '12'), names, '{1}/{0},{2}'
        ),
    }


def lists_of_kinetics400():
    names = read('kinetics400/label_map.txt')
    return subsets(
        labelled('kinetics400/val.txt', names),
        {
            'base2novel/base_val': 'base2novel/base_labels',
            'base2novel/novel_val': 'base2novel/novel_labels',
            'temporal_static/val_temporal32': (
                'temporal_static/temporal32_labels'
            ),
            'temporal_static/val_static32': 'temporal_static/static32_labels',
        },
        'kinetics400',
    )


def lists_of_ssv2():
    names = names_of('ssv2/labels_vifi.csv')
    return subsets(
        labelled('ssv2/validation.txt', names),
        {
            'base2novel/base_val': 'base2novel/base_labels',
            'base2novel/novel_val': 'base2novel/novel_labels',
            'temporal_static/validation_temporal18': (
                'temporal_static/temporal18_labels'
            ),
            'temporal_static/validation_static16': (
                'temporal_static/static16_labels'
            ),
        },
        'ssv2',
    )


def labelled(name, names):
    """Videos (path, class) of a list with labels."""
    rows = (row.split() for row in read(name))
    return [(path, names[int(label)]) for path, label in rows]


def subsets(videos, files, dataset):
    return {
        f'{dataset}/{file}.txt': select(
            videos, names_of(f'{dataset}/{names}.csv')
        )
        for file, names in files.items()
    }


def lists_of_kinetics600():
    lists = {}
    for family, end, line in (
        ('val', 'openvclip.csv', '{0},{2}'),
        ('test', 'vifi.txt', '{0} {2}'),
    ):
        rows = read(f'kinetics600/{family}_videos.csv')
        videos = [row.split(',', 1) for row in rows]
        for n in SPLITS:
            stem = f'kinetics600/zs_split{n}'
            lists[f'{stem}_eval_{end}'] = select(
                videos, names_of(f'{stem}_labels.csv'), line
            )
    return lists


def write_rephrased(path, names, indent=None):
    """Write names as FROSTER has them, each with a sentence; any order."""
    texts = {
        str(i): f'{name[:1].upper()}{name[1:]}: A person, in video {i}'
        for i, name in enumerate(names)
    }
    order = sorted(texts)  # '10' comes before '2'
    path.write_text(json.dumps({i: texts[i] for i in order}, indent=indent))
    return path
