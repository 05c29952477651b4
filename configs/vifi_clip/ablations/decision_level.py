# Table 5, decision-level fusion: the mean of the logits of the frames. On
# HMDB51, UCF101 or SSv2 by dataset=.
_base_ = '../fs.py'

model = dict(cls_head=dict(fusion='logit_mean'))
