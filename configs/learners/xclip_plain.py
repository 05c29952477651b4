# X-CLIP, zero-shot: 32 frames, 10 epochs. What CLIP lacks learns 10 times as
# fast; norms, biases and positions do not decay.
#   tools/dist_train.sh configs/learners/xclip_plain.py 8
_base_ = [
    '../_base_/models/xclip.py',
    '../_base_/datasets/vifi_clip.py',
    '../_base_/schedules/zero_shot.py',
    '../_base_/best_checkpoint.py',
]

optim_wrapper = dict(
    constructor='FlatDecayConstructor',
    paramwise_cfg=dict(
        _delete_=True,
        flat_decay_mult=0.0,
        custom_keys={
            'message_': dict(lr_mult=10.0),
            'neck.': dict(lr_mult=10.0),
            'prompts_': dict(lr_mult=10.0),
            'positional_embedding': dict(decay_mult=0.0),
            'neck.positional_embedding': dict(lr_mult=10.0, decay_mult=0.0),
        },
    ),
)
