_base_ = './k400_zs.py'
test_cfg = dict(cells=['ucf101/in_context', 'ucf101/hat/*'])
