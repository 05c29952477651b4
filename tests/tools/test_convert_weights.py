"""The converter: table, refusals, there and back."""

import json

import pytest
import torch

from helpers.bomb import Bomb
from helpers.released_weights import clip_weights, vclip_weights, vifi_weights
from mmovar.apis import load_released
from mmovar.released import FORMATS

NAMES = ['archery', 'tai chi']


@pytest.fixture
def convert(load_tool, tmp_path):
    torch.save(clip_weights(), tmp_path / 'clip.pt')
    torch.save(dict(model=vifi_weights(), epoch=9), tmp_path / 'vifi.pth')
    torch.save(dict(model_state=vclip_weights()), tmp_path / 'vclip.pyth')
    main = load_tool('convert_weights').main

    def run(*arguments):
        main([str(argument) for argument in arguments])

    return run


def video():
    generator = torch.Generator().manual_seed(0)
    return torch.randn(2, 3, 3, 32, 32, generator=generator)


def test_the_table_accounts_for_every_key(convert, capsys):
    convert('vifi.pth', 'ours.pth', '--base', 'clip.pt', '--every-key')
    out = capsys.readouterr().out
    for name in (*vifi_weights(), 'epoch'):
        assert f' {name} ' in out, name
    assert '1 weights from CLIP, 0 missing' in out
    assert 'licence: no licence' in out
    model = load_released('ours.pth', NAMES)
    release = load_released('vifi.pth', NAMES, base='clip.pt')
    assert torch.equal(model.logits(video()), release.logits(video()))


def test_absent_parts_are_listed_as_missing(convert, capsys):
    convert('vifi.pth', 'ours.pth')
    out = capsys.readouterr().out
    assert 'missing' in out and 'token_embedding.weight' in out
    assert '0 weights from CLIP, 1 missing' in out


def test_to_open_clip_and_back(convert):
    convert('vifi.pth', 'theirs.pt', '--base', 'clip.pt', '--to', 'open_clip')
    weights = torch.load('theirs.pt')
    assert weights['state_dict'].keys() == clip_weights().keys()
    assert weights['quick_gelu'] is True
    again = load_released(weights, NAMES, fmt='open_clip')
    release = load_released('vifi.pth', NAMES, base='clip.pt')
    assert torch.equal(again.logits(video()), release.logits(video()))


def test_open_clip_itself_runs_the_weights(convert):
    """Per frame, ViFi-CLIP is CLIP; its own model is the oracle."""
    from open_clip.model import CLIP

    convert('vifi.pth', 'theirs.pt', '--base', 'clip.pt', '--to', 'open_clip')
    release = load_released('vifi.pth', NAMES, base='clip.pt')
    theirs = CLIP(**release.config['arch']).eval()
    theirs.load_state_dict(torch.load('theirs.pt')['state_dict'])
    with torch.no_grad():
        frames = theirs.encode_image(video().flatten(0, 1))
    frames = frames.unflatten(0, (2, 3)).mean(dim=1)
    unit = torch.nn.functional.normalize(frames, dim=-1)
    features = release.video_features(video())
    torch.testing.assert_close(features, unit, atol=1e-5, rtol=0)


def test_own_checkpoints_go_to_hugging_face_and_return(convert, tmp_path):
    convert('vclip.pyth', 'ours.pth', '--base', 'clip.pt', '--alpha', '0.5')
    convert('ours.pth', 'folder', '--to', 'hf_clip')
    settings = json.loads((tmp_path / 'folder/config.json').read_text())
    assert settings['vision_config']['hidden_act'] == 'quick_gelu'
    assert settings['text_config']['num_hidden_layers'] == 2
    ours = torch.load('ours.pth')['state_dict']
    again = load_released('folder', NAMES)
    assert again.conversion.format.name == 'hf_clip'
    for name, value in again.conversion.weights.items():
        assert torch.equal(value, ours[name]), name


def test_hugging_face_itself_runs_the_weights(convert):
    import transformers

    convert('vifi.pth', 'folder', '--base', 'clip.pt', '--to', 'hf_clip')
    theirs = transformers.CLIPModel.from_pretrained('folder').eval()
    with torch.no_grad():
        frames = theirs.visual_projection(
            theirs.vision_model(video().flatten(0, 1)).pooler_output
        )
    frames = frames.unflatten(0, (2, 3)).mean(dim=1)
    unit = torch.nn.functional.normalize(frames, dim=-1)
    release = load_released('vifi.pth', NAMES, base='clip.pt')
    features = release.video_features(video())
    torch.testing.assert_close(features, unit, atol=1e-5, rtol=0)


def test_code_in_a_file_does_not_run(convert, tmp_path):
    trace = tmp_path / 'trace'
    content = dict(model_state=vclip_weights(), cfg=Bomb(trace))
    torch.save(content, 'evil.pyth')
    with pytest.raises(ValueError, match='system.*refused.*--skip-foreign'):
        convert('evil.pyth', 'ours.pth')
    convert('evil.pyth', 'ours.pth', '--skip-foreign')
    assert not trace.exists()


def test_what_cannot_be_accounted_for_is_refused(convert, tmp_path):
    torch.save(vclip_weights() | {'model.gate': torch.ones(2)}, 'odd.pth')
    with pytest.raises(ValueError, match=r'are not known .*\(model.gate\)'):
        convert('odd.pth', 'ours.pth')
    with pytest.raises(ValueError, match='are not known in the format'):
        convert('vclip.pyth', 'ours.pth', '--from', 'tc_clip')
    with pytest.raises(ValueError, match=r'lacks \[.token table.\] of CLIP'):
        convert('vifi.pth', 'theirs.pt', '--to', 'open_clip')
    assert not (tmp_path / 'ours.pth').exists()


def test_help_lists_formats_and_licences(load_tool, capsys):
    with pytest.raises(SystemExit):
        load_tool('convert_weights').main(['--help'])
    out = capsys.readouterr().out
    for fmt in FORMATS.values():
        assert f'  {fmt.name}: ' in out
    assert out.count('licence: ') >= len(FORMATS)
