_base_ = './k400_zs.py'
test_cells = ['k600/val/*']
