# Table 8: another weight of the query gradient (the paper's values are lost).
_base_ = '../k400_zs.py'

optim_wrapper = dict(delta=0.5)
