import pytest
import torch

from mmovar.evaluation import OpenVocabularyMetric

NAMES = ('box hopping', 'box climbing', 'star hopping', 'star climbing')


def sample(truth, predicted, unreadable=None, num_classes=4, second=None):
    score = torch.zeros(num_classes)
    score[predicted] = 2
    if second is not None:
        score[second] = 1
    return dict(
        pred_score=score,
        gt_label=torch.tensor([truth]),
        unreadable=unreadable,
    )


def evaluate(samples, classes=NAMES, **kwargs):
    metric = OpenVocabularyMetric(**kwargs)
    metric.dataset_meta = dict(classes=classes)
    metric.process(None, samples[:2])
    metric.process(None, samples[2:])
    return metric.evaluate(len(samples))


def test_top1_and_mean_over_the_classes_that_occur():
    samples = [sample(0, 0), sample(0, 0), sample(0, 3), sample(1, 2)]
    metrics = evaluate(samples)
    assert metrics['acc/top1'] == 0.5
    assert metrics['acc/mean1'] == pytest.approx((2 / 3 + 0) / 2)
    assert metrics['acc/unreadable'] == 0
    assert all(type(value) in (float, int) for value in metrics.values())


def test_top5_counts_the_five_best():
    names = [f'class {index}' for index in range(8)]
    score = torch.arange(8.0)
    samples = [
        dict(pred_score=score, gt_label=torch.tensor([truth]))
        for truth in (7, 3, 2, 0)
    ]
    metrics = evaluate(samples, classes=names)
    assert metrics['acc/top1'] == 0.25
    assert metrics['acc/top5'] == 0.5


def test_unreadable_samples_are_wrong_whatever_the_score():
    samples = [sample(0, 0), sample(1, 1, unreadable='b.mp4')]
    metrics = evaluate(samples, parts=dict(object=0))
    assert metrics['acc/top1'] == metrics['acc/mean1'] == 0.5
    assert metrics['acc/top5'] == metrics['acc/object'] == 0.5
    assert metrics['acc/unreadable'] == 1


def test_only_unreadable_samples_give_zero():
    metrics = evaluate([sample(1, 1, unreadable='b.mp4')])
    assert metrics['acc/top1'] == metrics['acc/top5'] == 0
    assert metrics['acc/unreadable'] == 1


def test_parts_compare_words_of_the_class_names():
    samples = [sample(0, 0), sample(0, 1), sample(0, 2), sample(0, 3)]
    metrics = evaluate(samples, parts=dict(object=0, motion=1))
    assert metrics['acc/object'] == 0.5  # right: box hopping, box climbing
    assert metrics['acc/motion'] == 0.5  # right: box hopping, star hopping


def test_prefix_replaces_acc():
    assert 'novel/top1' in evaluate([sample(0, 0)], prefix='novel')


def test_half_precision_scores_are_fine():
    half = sample(2, 2)
    half['pred_score'] = half['pred_score'].bfloat16()
    assert evaluate([half])['acc/top1'] == 1


def test_scores_for_other_class_names_are_refused():
    with pytest.raises(ValueError, match=r'shape \(3,\), expected \(4,\)'):
        evaluate([sample(0, 0, num_classes=3)])
    views = dict(pred_score=torch.zeros(3, 4), gt_label=torch.tensor([0]))
    with pytest.raises(ValueError, match=r'\(3, 4\).*average_clips'):
        evaluate([views])


def test_a_diverged_model_is_named():
    bad = sample(0, 0)
    bad['pred_score'][1] = float('nan')
    with pytest.raises(ValueError, match='pred_score is not finite'):
        evaluate([bad])


def test_missing_class_names_and_short_names_are_named():
    with pytest.raises(ValueError, match='no class names'):
        evaluate([sample(0, 0)], classes=())
    with pytest.raises(ValueError, match="motion=2.*'box hopping' has 2"):
        evaluate([sample(0, 0)], parts=dict(motion=2))
