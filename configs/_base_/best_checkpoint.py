# As default_runtime.py; the checkpoint of the best validation is kept as
# well, as the papers report it. In few-shot the validation list is the test
# list: what is best there was selected on the test videos.
_base_ = './default_runtime.py'

default_hooks = dict(checkpoint=dict(save_best='acc/top1', rule='greater'))
