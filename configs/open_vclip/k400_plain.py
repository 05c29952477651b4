# VCLIP fine-tuned plainly on K400, the baseline of Open-VCLIP and Open-MeDe.
_base_ = [
    '../_base_/models/vclip.py',
    '../_base_/datasets/k400_zs.py',
    '../_base_/schedules/adamw_22e.py',
    '../_base_/default_runtime.py',
]

train_cfg = dict(total_batch_size=64)
