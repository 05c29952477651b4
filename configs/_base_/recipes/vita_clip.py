_base_ = '../mini.py'
