"""Where the data lies: the only file with paths of data.

Set the root once, in one of these ways (the first that is given counts):
--cfg-options data_root=/my/data, the environment variable MMOVAR_DATA, or
the folder ./data. Below it, lists and folders are named as MMAction2's data
preparation leaves them; change an entry here if yours differ. Lists are
'path label' or 'path,label', and videos may lie in class folders or not.
"""

data_root = '{{$MMOVAR_DATA:data}}'

catalog = dict(
    k400_train=dict(
        data_root=data_root,
        ann_file='kinetics400/kinetics400_train_list_videos.txt',
        data_prefix=dict(video='kinetics400/videos_train'),
        classnames='kinetics400',
    ),
    k400_val=dict(
        data_root=data_root,
        ann_file='kinetics400/kinetics400_val_list_videos.txt',
        data_prefix=dict(video='kinetics400/videos_val'),
        classnames='kinetics400',
    ),
    # All 13320 videos: training and test list of split 1 together.
    ucf101=dict(
        data_root=data_root,
        ann_file=[
            'ucf101/ucf101_train_split_1_videos.txt',
            'ucf101/ucf101_val_split_1_videos.txt',
        ],
        data_prefix=dict(video='ucf101/videos'),
        classnames='ucf101',
    ),
    # 5100 videos, 100 of each class: the same of HMDB51.
    hmdb51=dict(
        data_root=data_root,
        ann_file=[
            'hmdb51/hmdb51_train_split_1_videos.txt',
            'hmdb51/hmdb51_val_split_1_videos.txt',
        ],
        data_prefix=dict(video='hmdb51/videos'),
        classnames='hmdb51',
    ),
)
