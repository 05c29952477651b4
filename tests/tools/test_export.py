"""The export tool on a released file."""

import pytest
import torch

from helpers.released_weights import vclip_weights


def test_a_release_is_written_and_compared(load_tool, tmp_path, capsys):
    main = load_tool('export').main  # enters tmp_path
    torch.save(dict(model_state=vclip_weights()), 'release.pyth')
    common = ['--labels', 'archery', 'tai chi', '--num-frames', '2']
    main(['out/model.pt', '--weights', 'release.pyth', *common])
    assert 'logits differ by' in capsys.readouterr().out
    model = torch.jit.load(str(tmp_path / 'out/model.pt'))
    assert model(torch.randn(1, 2, 3, 32, 32)).shape == (1, 2)
    with pytest.raises(SystemExit):
        main(['out/model.pt', *common])
    with pytest.raises(ValueError, match="'.tflite'"):
        main(['model.tflite', '--weights', 'release.pyth', *common])
