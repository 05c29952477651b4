# mini.py for learners with temporal positions behind the frames: drawn with
# 0.02, these do not grow in 812 steps by themselves.
_base_ = './mini.py'

optim_wrapper = dict(
    paramwise_cfg=dict(
        custom_keys={
            'neck.positional_embedding': dict(lr_mult=100.0, decay_mult=0.0)
        }
    )
)
