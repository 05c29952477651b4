# Tables 5a and 7: VCLIP fine-tuned plainly on the data of Open-MeDe. Table 9,
# accumulation over two batches: train_cfg.total_batch_size=128
_base_ = [
    '../../_base_/models/vclip.py',
    '../../_base_/datasets/open_mede.py',
    '../../_base_/schedules/adamw_22e.py',
    '../../_base_/default_runtime.py',
]

train_cfg = dict(total_batch_size=64)
test_cfg = dict(cells=['ucf101/ep3/*', 'hmdb51/ep3/*', 'k600/val/*'])
