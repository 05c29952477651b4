# Appendix: the prompting block starts at random.
_base_ = './tc_vp.py'

model = dict(cls_head=dict(prompting_init='random'))
