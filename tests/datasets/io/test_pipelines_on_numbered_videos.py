"""Each pipeline gets the frames that it samples."""

from pathlib import Path

import pytest
from mmaction.registry import TRANSFORMS

from helpers.numbered import cut_without_encoding, number_of, write_numbered
from mmovar.apis.config import load_config

CONFIGS = Path(__file__).parents[3] / 'configs'
NAMES = ['open_vclip/k400_zs', 'vifi_clip/k400_zs', 'tc_clip/k400_zs']


@pytest.mark.parametrize('name', NAMES)
def test_frames_are_those_that_were_sampled(tmp_path, name):
    config = load_config(CONFIGS / f'{name}.py')
    divx = dict(codec='mpeg4', b='4M', bf=2, tag='DX50', count=120)
    videos = [write_numbered(tmp_path / 'divx.avi', **divx)]
    whole = write_numbered(tmp_path / 'a.mp4', count=120, g=250)
    videos.append(cut_without_encoding(whole, tmp_path / 'b.mp4', hidden=30))
    for loader in (config.train_dataloader, config.test_dataloader):
        pipeline = loader.dataset.pipeline
        assert [step['type'] for step in pipeline[::2]][:2] == [
            'VideoInit',
            'VideoDecode',
        ]
        for video, hidden in zip(videos, (0, 30), strict=True):
            results = dict(filename=str(video), start_index=0, modality='RGB')
            for step in pipeline[:3]:
                results = TRANSFORMS.build(step)(results)
            sampled = (results['frame_inds'] + hidden).tolist()
            assert [number_of(image) for image in results['imgs']] == sampled
