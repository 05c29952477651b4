"""Two processes over gloo share videos and score as one process."""

import pytest

from helpers.processes import run_processes
from helpers.shared_sets import LABELS, SETS, run, write_data
from mmovar.models import CLIPRecognizer

pytestmark = pytest.mark.dist

WORLD = 2


def score_sets(rank, root):
    """Return the metrics and how many videos this process encoded."""
    encoded, original = [], CLIPRecognizer.extract_feat

    def count(self, inputs, **kwargs):
        encoded.append(len(inputs))
        return original(self, inputs, **kwargs)

    CLIPRecognizer.extract_feat = count
    _, metrics = run(root, SETS, 'pytorch')
    return metrics, sum(encoded)


def test_two_processes_score_as_one_and_encode_each_video_once(tmp_path):
    write_data(tmp_path)
    _, alone = run(tmp_path, SETS)
    results = run_processes(score_sets, tmp_path, tmp_path)
    for metrics, _ in results:
        assert metrics == pytest.approx(alone)
    shared, single = len(LABELS), len(LABELS)
    padded = single + single % WORLD  # the set alone goes by its sampler
    assert sum(count for _, count in results) == shared + padded
