import time

import huggingface_hub
import open_clip.pretrained
import pytest

from mmovar.clip import clip_config, load_clip_state_dict
from mmovar.clip.sources import download_tag, is_tag

OPENAI_B16 = clip_config('ViT-B-16-quickgelu')


@pytest.fixture(autouse=True)
def no_network(monkeypatch, tmp_path):
    """A machine whose network is down and whose cache is empty."""

    def fail(*args, **kwargs):
        raise ConnectionError('network is unreachable')

    monkeypatch.setattr(huggingface_hub.HfApi, 'model_info', fail)
    monkeypatch.setattr(open_clip.pretrained, 'download_pretrained', fail)
    monkeypatch.setattr(
        huggingface_hub.constants, 'HF_HUB_CACHE', str(tmp_path / 'hub')
    )


def cache(tmp_path, repository, file):
    """Lay out a file as the Hugging Face cache does."""
    folder = tmp_path / 'hub' / f'models--{repository.replace("/", "--")}'
    (folder / 'refs').mkdir(parents=True)
    (folder / 'refs' / 'main').write_text('0123abcd')
    path = folder / 'snapshots' / '0123abcd' / file
    path.parent.mkdir(parents=True)
    path.write_bytes(b'')
    return path


def test_tags_of_open_clip_are_known():
    assert is_tag('openai', OPENAI_B16)
    assert is_tag('laion2b_s34b_b88k', clip_config('ViT-B-16'))
    assert not is_tag('laion2b_s34b_b79k', clip_config('ViT-B-16'))


def test_tag_without_network_names_the_local_file_option():
    start = time.monotonic()
    match = (
        r"cannot download the weights 'openai' of 'ViT-B-16-quickgelu' "
        r'\(timm/vit_base_patch16_clip_224.openai: network is unreachable\)'
        r".*give a local file instead, weights='/path"
    )
    with pytest.raises(FileNotFoundError, match=match):
        load_clip_state_dict('openai', 'ViT-B-16-quickgelu')
    assert time.monotonic() - start < 5


def test_hub_is_asked_once_and_briefly(monkeypatch):
    timeouts = []

    def hang(api, repository, timeout=None):
        timeouts.append(timeout)
        raise TimeoutError

    monkeypatch.setattr(huggingface_hub.HfApi, 'model_info', hang)
    with pytest.raises(FileNotFoundError):
        download_tag('openai', OPENAI_B16)
    assert len(timeouts) == 1 and timeouts[0] <= 10


@pytest.mark.parametrize(
    'name, tag, repository, file',
    [
        (
            'ViT-B-16-quickgelu',
            'openai',
            'timm/vit_base_patch16_clip_224.openai',
            'open_clip_model.safetensors',
        ),
        (
            'ViT-B-16',
            'laion2b_s34b_b88k',
            'laion/CLIP-ViT-B-16-laion2B-s34B-b88K',
            'open_clip_pytorch_model.bin',
        ),
    ],
)
def test_cached_tag_needs_no_network(name, tag, repository, file, tmp_path):
    path = cache(tmp_path, repository, file)
    assert download_tag(tag, clip_config(name)) == path


def test_reachable_tag_is_downloaded_by_open_clip(monkeypatch, tmp_path):
    monkeypatch.setattr(
        huggingface_hub.HfApi, 'model_info', lambda *args, **kwargs: None
    )
    monkeypatch.setattr(
        open_clip.pretrained,
        'download_pretrained',
        lambda settings: tmp_path / settings['hf_hub'].split('/')[1],
    )
    path = download_tag('openai', OPENAI_B16)
    assert path == tmp_path / 'vit_base_patch16_clip_224.openai'


@pytest.mark.parametrize('name', ['ViT-B-16', 'ViT-L-14-336'])
def test_quick_gelu_tag_needs_the_quick_gelu_arch(name):
    match = f"need arch '{name}-quickgelu', got '{name}'"
    with pytest.raises(ValueError, match=match):
        download_tag('openai', clip_config(name))


def test_gelu_tag_needs_the_plain_arch(monkeypatch):
    monkeypatch.setattr(
        open_clip.pretrained,
        'get_pretrained_cfg',
        lambda model, tag: {'hf_hub': 'someone/some_clip/'},
    )
    match = "need arch 'ViT-B-16', got 'ViT-B-16-quickgelu'"
    with pytest.raises(ValueError, match=match):
        download_tag('some', OPENAI_B16)
