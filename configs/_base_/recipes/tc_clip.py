_base_ = '../../mini/vifi_both.py'
