_base_ = './k400_zs.py'
test_cells = ['hmdb51/ep3/*']
