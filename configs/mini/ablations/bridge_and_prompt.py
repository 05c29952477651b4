# Bridge and prompt: the towers that vifi_both.py tuned, then frozen with
# prompts. Another first stage is --cfg-options load_from=/path/to/it.pth
_base_ = '../vifi_vl_prompt.py'

load_from = 'work_dirs/mini/vifi_both/epoch_14.pth'
