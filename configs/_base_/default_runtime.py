# Owns all that is neither data, nor model, nor schedule.
# A method adds hooks of its own with
#   custom_hooks = [*_base_.custom_hooks, dict(type='GWAHook')]
# To watch a training: --cfg-options watch=50, iterations from one measurement
# of the distance to CLIP and of the cosine of support and query gradient to
# the next; 0 for none.
default_scope = 'mmaction'
custom_imports = dict(imports=['mmovar'], allow_failed_imports=False)

default_hooks = dict(
    runtime_info=dict(type='RuntimeInfoHook'),
    timer=dict(type='IterTimerHook'),
    logger=dict(type='LoggerHook', interval=20, ignore_last=False),
    param_scheduler=dict(type='ParamSchedulerHook'),
    checkpoint=dict(type='CheckpointHook', interval=1, max_keep_ckpts=2),
    sampler_seed=dict(type='DistSamplerSeedHook'),
    # a loss or gradient that is not finite costs a step, 20 in a row the run
    skip_non_finite=dict(type='SkipNonFiniteHook', max_in_a_row=20),
    sync_buffers=dict(type='SyncBuffersHook'),
    visualization=dict(type='ClipPictureHook'),  # of tools/test.py --show-dir
)
custom_hooks = [
    dict(type='WorkDirLockHook'),
    dict(type='VocabularyHook'),
    dict(type='EpochSeedHook'),
    dict(type='UnreadableVideoHook'),
    dict(type='ParameterCountHook'),
    dict(type='WatchHook'),
    dict(type='CompileHook'),  # of compile=True
]
watch = 0
env_cfg = dict(
    cudnn_benchmark=False,
    mp_cfg=dict(mp_start_method='fork', opencv_num_threads=0),
    dist_cfg=dict(backend='nccl'),
)
randomness = dict(seed=0)

log_level = 'INFO'
log_processor = dict(type='LogProcessor', window_size=20, by_epoch=True)
vis_backends = [dict(type='LocalVisBackend')]
visualizer = dict(type='ActionVisualizer', vis_backends=vis_backends)

load_from = None
resume = False
