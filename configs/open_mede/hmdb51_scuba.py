_base_ = './k400_zs.py'
test_cfg = dict(cells=['hmdb51/ep3/*', 'hmdb51/scuba/*', 'hmdb51/scufo/*'])
