"""Exported models give the logits of the model."""

import pytest
import torch

import mmovar.apis.export as export_module
from helpers.released_weights import clip_weights, vclip_weights, vifi_weights
from mmovar.apis import load_released
from mmovar.apis.export import export

NAMES = ['archery', 'playing guitar', 'tai chi']


@pytest.fixture(scope='module', params=['vifi', 'vclip'])
def model(request):
    if request.param == 'vclip':
        return load_released(vclip_weights(), NAMES)
    return load_released(vifi_weights(), NAMES, base=clip_weights())


@pytest.mark.parametrize('suffix', ['.pt', '.pt2', '.onnx'])
def test_logits_agree(model, suffix, tmp_path):
    path = tmp_path / f'model{suffix}'
    difference = export(model.recognizer, path, num_frames=3, batch_size=2)
    assert difference < 1e-4
    assert path.stat().st_size > 100_000


def test_a_torchscript_file_needs_nothing_of_this_project(model, tmp_path):
    export(model.recognizer, tmp_path / 'model.pt', num_frames=3)
    video = torch.randn(1, 3, 3, 32, 32)
    logits = torch.jit.load(str(tmp_path / 'model.pt'))(video)
    torch.testing.assert_close(logits, model.logits(video), atol=1e-4, rtol=0)


def test_a_wrong_file_is_refused(model, tmp_path, monkeypatch):
    def wrong(module, video, path):
        return lambda video: module(video) + 1e-3

    monkeypatch.setitem(export_module._WRITERS, '.pt', wrong)
    with pytest.raises(ValueError, match='differ from the model by 0.001'):
        export(model.recognizer, tmp_path / 'model.pt', num_frames=3)


def test_unknown_suffix_and_text_that_looks_at_the_video(model, tmp_path):
    with pytest.raises(ValueError, match="'.tflite', which is none of .pt "):
        export(model.recognizer, tmp_path / 'model.tflite', num_frames=3)

    class Looking(type(model.recognizer.cls_head)):
        def text_for(self, x):
            return super().text_for(x)

    head = model.recognizer.cls_head
    try:
        head.__class__ = Looking
        with pytest.raises(ValueError, match='Looking depends on the video'):
            export(model.recognizer, tmp_path / 'model.pt', num_frames=3)
    finally:
        head.__class__ = Looking.__mro__[1]
