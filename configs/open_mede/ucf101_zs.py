_base_ = './k400_zs.py'
test_cfg = dict(cells=['ucf101/ep2', 'ucf101/ep3/*'])
