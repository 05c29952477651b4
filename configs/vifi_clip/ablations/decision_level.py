# Table 5, decision-level fusion: the mean of the logits of the frames. Here
# on HMDB51; SSv2, UCF101 and K400 by the same line in a leaf on theirs.
_base_ = '../hmdb51_fs.py'

model = dict(cls_head=dict(fusion='logit_mean'))
