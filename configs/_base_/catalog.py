"""Where the data lies: the only file with paths of data.

Set the root once, in one of these ways (the first that is given counts):
--cfg-options data_root=/my/data, the environment variable MMOVAR_DATA, or
the folder ./data. Below it, lists and folders are named as MMAction2's data
preparation leaves them; change an entry here if yours differ. Lists are
'path label' or 'path,label', and videos may lie in class folders or not.

datasets_splits/ and labels/ are the folders of ViFi-CLIP or TC-CLIP, as they
are. Few-shot lists take the number of shots from --cfg-options shots=4 (or
MMOVAR_SHOTS), base-to-novel lists their draw, 1..3, from seed=2 (MMOVAR_SEED).
"""

data_root = '{{$MMOVAR_DATA:data}}'
run = dict(shots=int('{{$MMOVAR_SHOTS:16}}'), seed=int('{{$MMOVAR_SEED:1}}'))

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

# The lists of ViFi-CLIP and TC-CLIP: entry, list below datasets_splits/,
# class names. The word before the first _ of an entry is its set of videos.
__videos = dict(
    k400='kinetics400',
    k600='kinetics600',
    hmdb51='hmdb51/videos',
    ucf101='ucf101/videos',
    ssv2='sthv2/videos',
)
__lists = """
hmdb51_val1     hmdb_splits/val1.txt                            hmdb51
hmdb51_val2     hmdb_splits/val2.txt                            hmdb51
hmdb51_val3     hmdb_splits/val3.txt                            hmdb51
ucf101_val1     ucf_splits/val1.txt                             ucf101
ucf101_val2     ucf_splits/val2.txt                             ucf101
ucf101_val3     ucf_splits/val3.txt                             ucf101
ssv2_val        ssv2_splits/validation.txt                      ssv2
k600_split1     k600_splits/ZS_split1_K600_eval.txt  kinetics600_split1
k600_split2     k600_splits/ZS_split2_K600_eval.txt  kinetics600_split2
k600_split3     k600_splits/ZS_split3_K600_eval.txt  kinetics600_split3
k400_tiny       k400_splits/train_tiny.txt                      kinetics400
hmdb51_fs       hmdb_splits/train1_few_shot_{shots}.txt         hmdb51
ucf101_fs       ucf_splits/train1_few_shot_{shots}.txt          ucf101
ssv2_fs         ssv2_splits/train1_few_shot_{shots}.txt         ssv2
k400_base_fs    {b2n}/k400_splits/fs_base_s{seed}_train.txt  kinetics400_base
k400_base       {b2n}/k400_splits/base_val.txt          kinetics400_base
k400_novel      {b2n}/k400_splits/novel_val.txt         kinetics400_novel
hmdb51_base_fs  {b2n}/hmdb_splits/fs_base_s{seed}_train.txt     hmdb51_base
hmdb51_base     {b2n}/hmdb_splits/base_val.txt                  hmdb51_base
hmdb51_novel    {b2n}/hmdb_splits/novel_val.txt                 hmdb51_novel
ucf101_base_fs  {b2n}/ucf_splits/fs_base_s{seed}_train.txt      ucf101_base
ucf101_base     {b2n}/ucf_splits/base_val.txt                   ucf101_base
ucf101_novel    {b2n}/ucf_splits/novel_val.txt                  ucf101_novel
ssv2_base_fs    {b2n}/ssv2_splits/fs_base_s{seed}_train.txt     ssv2_base
ssv2_base       {b2n}/ssv2_splits/base_val.txt                  ssv2_base
ssv2_novel      {b2n}/ssv2_splits/novel_val.txt                 ssv2_novel
""".format(b2n='base2novel_splits', **run)
catalog.update(
    (
        __entry,
        dict(
            data_root=data_root,
            ann_file=f'datasets_splits/{__list}',
            data_prefix=dict(video=__videos[__entry.split('_')[0]]),
            classnames=__classnames,
        ),
    )
    for __entry, __list, __classnames in map(
        str.split, __lists.strip().splitlines()
    )
)

# Further lists of the protocols (tools/benchmark.py --list). K600 videos of
# the validation set are another family of lists, Open-VCLIP's. SCUBA lists
# are filelist/scuba/{ucf101,kinetics}/test.csv of DEVIAS, swap lists of HAT
# the pickles of HAT or DEVIAS (read as .pickle too), list.csv is DEVIAS'.
catalog.update(
    {
        f'{__set}_ep1_{__draw}': dict(
            catalog[__set],
            list_classnames=__set,
            classnames=f'{__set}_ep1_{__draw}',
        )
        for __set in ('ucf101', 'hmdb51')
        for __draw in range(10)
    },
    **{
        f'k600_val_split{__split}': dict(
            data_root=data_root,
            ann_file=f'kinetics600/k600_split{__split}/test.csv',
            data_prefix=dict(video='kinetics600'),
            classnames=f'kinetics600_split{__split}',
        )
        for __split in (1, 2, 3)
    },
    **{
        __set: dict(
            data_root=data_root,
            ann_file=f'datasets_splits/temporal_static_splits/{__file}.txt',
            data_prefix=dict(video=__videos[__set.split('_')[0]]),
            classnames=__set.replace('k400', 'kinetics400'),
        )
        for __set, __file in dict(
            k400_temporal32='k400_splits/val_temporal32',
            k400_static32='k400_splits/val_static32',
            ssv2_temporal18='ssv2_splits/validation_temporal18',
            ssv2_static16='ssv2_splits/validation_static16',
        ).items()
    },
    **{
        f'{__set}_{__kind}_{__background}': dict(
            type='SCUBADataset',
            data_root=data_root,
            scuba_root=f'scuba/{__set}_{__background}',
            ann_file=__list,
            fps=__fps,
            scufo=__kind == 'scufo',
            classnames=__set.replace('k400', 'kinetics400'),
        )
        for __set, __list, __fps in (
            ('ucf101', 'scuba/ucf101.txt', 25),
            ('hmdb51', None, 30),  # no public list: all clips of the folder
            ('k400', 'scuba/k400.txt', 15),
        )
        for __kind in ('scuba', 'scufo')
        for __background in ('places365', 'vqgan', 'stripe')
    },
    **{
        f'{__set}_hat_{__variant}_{__seed}': dict(
            type='HATDataset',
            data_root=data_root,
            hat_root=f'hat/{__set}',
            fps=__fps,
            variant=__variant,
            ann_file=f'hat/{__set}/actionswap_{__file}_{__seed}.csv',
            classnames=__set.replace('k400', 'kinetics400'),
        )
        for __set, __fps in (('ucf101', 25), ('k400', 30))
        for __variant, __file in dict(
            random='rand', same='same', close='close', far='far'
        ).items()
        for __seed in (1, 2, 3)
        if (__set, __variant) != ('ucf101', 'same')
    },
    **{
        f'{__set}_hat_{__variant}': dict(
            type='HATDataset',
            data_root=data_root,
            hat_root=f'hat/{__set}',
            fps=__fps,
            variant=__variant,
            ann_file=f'hat/{__set}/list.csv',
            classnames=__set.replace('k400', 'kinetics400'),
        )
        for __set, __fps in (('ucf101', 25), ('k400', 30))
        for __variant in ('scene_only', 'human_only')
    },
    msrvtt_1k=dict(
        type='CaptionDataset',
        data_root=data_root,
        ann_file='msrvtt/MSRVTT_JSFUSION_test.csv',
        data_prefix=dict(video='msrvtt/videos'),
    ),
)

# Class names rephrased by a language model (FROSTER's, as TC-CLIP has them).
llm_labels = {
    __names: f'labels/labels_froster/{__file}.json'
    for __names, __file in dict(
        kinetics400='kinetics_400_llm_labels',
        kinetics400_base='kinetics_400_base_llm_labels',
        kinetics400_novel='kinetics_400_novel_llm_labels',
        kinetics600_split1='ZS_split1_K600_llm',
        kinetics600_split2='ZS_split2_K600_llm',
        kinetics600_split3='ZS_split3_K600_llm',
        hmdb51='hmdb_51_llm_labels',
        hmdb51_base='hmdb_51_base_llm_labels',
        hmdb51_novel='hmdb_51_novel_llm_labels',
        ucf101='ucf_101_llm_labels',
        ucf101_base='ucf_101_base_llm_labels',
        ucf101_novel='ucf_101_novel_llm_labels',
    ).items()
}
