"""Half precision: which type, and what of a config and a line changes."""

import argparse
import os
import subprocess
import sys

import pytest
import torch
from mmengine.config import Config

from mmovar.apis import enable_amp
from mmovar.apis.precision import (
    add_amp_options,
    amp_options,
    enable_test_amp,
    half_of,
)
from mmovar.engine.half_precision import half_type, precision_of


@pytest.fixture
def gpu(monkeypatch):
    """Pretend to have a GPU, with bfloat16 or without."""

    def pretend(has_bfloat16):
        monkeypatch.setattr(torch.cuda, 'is_available', lambda: True)
        monkeypatch.setattr(
            torch.cuda,
            'is_bf16_supported',
            lambda including_emulation: has_bfloat16,
        )

    return pretend


def parse(*words):
    parser = argparse.ArgumentParser()
    parser.add_argument('config')
    add_amp_options(parser)
    return parser.parse_args(words)


def test_type_is_bfloat16_where_the_device_has_it(gpu):
    assert half_type() == half_type(preferred='float16') == 'bfloat16'
    gpu(has_bfloat16=False)
    assert half_type() == half_type('float16') == 'float16'
    with pytest.raises(ValueError, match="\\['float16'\\] on .* 'bfloat16'"):
        half_type('bfloat16')
    gpu(has_bfloat16=True)
    assert half_type() == 'bfloat16'
    assert half_type(preferred='float16') == 'float16'


def test_cpu_has_no_float16():
    with pytest.raises(ValueError, match="must be one of \\['bfloat16'\\]"):
        half_type('float16')


def test_a_flag_before_the_config_takes_no_value():
    args = parse('--amp', 'config.py')
    assert args.config == 'config.py'
    assert half_of(args) == 'bfloat16'
    again = parse('config.py', *amp_options('bfloat16'))
    assert half_of(again) == 'bfloat16'
    assert half_of(parse('config.py')) is None
    with pytest.raises(ValueError, match='--amp-dtype needs --amp'):
        half_of(parse('config.py', '--amp-dtype', 'bfloat16'))


def test_a_setup_in_full_precision_is_tested_in_it(gpu):
    gpu(has_bfloat16=True)
    args = parse('config.py', '--amp')
    assert half_of(args, 'float32') is None
    assert half_of(args, 'float16') == 'float16'
    wanted = parse('config.py', '--amp', '--amp-dtype', 'bfloat16')
    assert half_of(wanted, 'float16') == 'bfloat16'


@pytest.mark.parametrize(
    ('name', 'twin'),
    [
        ('OptimWrapper', 'AmpOptimWrapper'),
        ('CrossBatchMetaOptimWrapper', 'CrossBatchMetaAmpOptimWrapper'),
        ('AmpOptimWrapper', 'AmpOptimWrapper'),
    ],
)
def test_amp_replaces_the_wrapper_by_its_twin(gpu, name, twin):
    gpu(has_bfloat16=False)
    config = Config(dict(optim_wrapper=dict(type=name, delta=0.1)))
    enable_amp(config)
    assert config.optim_wrapper.to_dict() == dict(
        type=twin, delta=0.1, dtype='float16', loss_scale='dynamic'
    )


def test_amp_keeps_the_loss_scale_of_the_config_and_drops_it_for_bfloat16(gpu):
    gpu(has_bfloat16=True)
    config = Config(dict(optim_wrapper=dict(loss_scale=512.0)))
    enable_amp(config, 'float16')
    assert config.optim_wrapper.type == 'AmpOptimWrapper'
    assert config.optim_wrapper.loss_scale == 512.0
    enable_amp(config)
    assert config.optim_wrapper.loss_scale == dict(enabled=False)


def test_amp_refuses_what_it_does_not_know():
    config = Config(dict(optim_wrapper=dict(type='ApexOptimWrapper')))
    with pytest.raises(ValueError, match='ApexOptimWrapper'):
        enable_amp(config)
    with pytest.raises(ValueError, match='float8'):
        enable_amp(config, 'float8')


def test_validation_and_test_take_the_type_too():
    config = Config(
        dict(
            optim_wrapper=dict(),
            val_cfg=dict(type='OpenVocabularyValLoop'),
            test_cfg=dict(type='BenchmarkTestLoop'),
        )
    )
    enable_amp(config)
    assert config.val_cfg.amp == 'bfloat16' and 'amp' not in config.test_cfg
    enable_test_amp(config)
    assert config.test_cfg.amp == 'bfloat16'
    config.test_cfg = dict(type='TestLoop')
    with pytest.raises(ValueError, match="BenchmarkTestLoop, .* 'TestLoop'"):
        enable_test_amp(config)


def test_tf32_is_a_variable_of_pytorch_that_records_name():
    """README and tools/README.md tell users to set it."""
    assert precision_of(None) == 'float32'
    assert precision_of('float16') == 'float16'
    code = (
        'from mmovar.engine.half_precision import precision_of\n'
        'print(precision_of(None))'
    )
    out = subprocess.run(
        [sys.executable, '-W', 'ignore', '-c', code],
        env=dict(os.environ, TORCH_ALLOW_TF32_CUBLAS_OVERRIDE='1'),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert out.split()[-1] == 'tf32'
