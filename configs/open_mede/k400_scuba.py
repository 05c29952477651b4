_base_ = './k400_zs.py'
test_cfg = dict(cells=['k400/in_context', 'k400/scuba/*', 'k400/scufo/*'])
