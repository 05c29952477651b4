_base_ = './k400_zs.py'
test_cfg = dict(
    cells=['hmdb51/in_context', 'hmdb51/scuba/*', 'hmdb51/scufo/*']
)
