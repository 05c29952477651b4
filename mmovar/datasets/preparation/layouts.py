"""Names of lists and folders as MMAction2's data preparation leaves them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .official_splits import (
    Splits,
    read_hmdb51,
    read_kinetics,
    read_ssv2,
    read_ucf101,
)


@dataclass(frozen=True)
class Layout:
    """How a dataset lies below the data root."""

    folder: str
    """Folder of lists and videos."""
    classnames: str
    """Built-in class list."""
    read_splits: Callable[[Path], Splits]
    """Reads the official split files of a folder."""
    part_folders: bool = False
    """Whether train and val videos lie in folders of their own."""
    train_list: str = ''
    """List that few-shot lists are drawn from."""

    def video_folder(self, list_name: str) -> str:
        """Return the folder, below :attr:`folder`, of the videos of a list."""
        if not self.part_folders:
            return 'videos'
        return 'videos_train' if '_train_' in list_name else 'videos_val'


LAYOUTS = {
    'ucf101': Layout(
        'ucf101', 'ucf101', read_ucf101, train_list='ucf101_train_split_1'
    ),
    'hmdb51': Layout(
        'hmdb51', 'hmdb51', read_hmdb51, train_list='hmdb51_train_split_1'
    ),
    'ssv2': Layout('sthv2', 'ssv2', read_ssv2, train_list='sthv2_train_list'),
    **{
        name: Layout(
            name,
            name,
            read_kinetics(name),
            part_folders=True,
            train_list=f'{name}_train_list',
        )
        for name in ('kinetics400', 'kinetics600')
    },
}
"""Data sets that lists can be built of."""

PART_FOLDERS = {
    'videos_train': ('videos_train', 'train', 'train_256'),
    'videos_val': ('videos_val', 'val', 'validate', 'validation', 'val_256'),
}
"""What copies of Kinetics call the folders of train and val."""
