_base_ = './k400_zs.py'
test_cfg = dict(cells=['k600/val/*'])
