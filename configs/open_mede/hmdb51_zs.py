_base_ = './k400_zs.py'
test_cfg = dict(cells=['hmdb51/ep2', 'hmdb51/ep3/*'])
