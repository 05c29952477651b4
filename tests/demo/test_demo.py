"""Questions and answers, with models that only pretend."""

import threading
import time

import pytest

from helpers.pretender import Pretender
from mmovar.demo import Demo, Limits
from mmovar.demo.demo import parse_labels, parse_templates
from mmovar.demo.page import render
from mmovar.visualization.palette import COLOURS


@pytest.fixture
def ask(make_video):
    demo = Demo(
        dict(
            CLIP=Pretender(moves=False),
            Ours=Pretender(own_prompts=True),
            Long=Pretender(frames=3),
        )
    )
    video = str(make_video())

    def ask(
        names=('CLIP', 'Ours'), labels='a\nb', templates='', alpha=0.75, **kwds
    ):
        return demo.answer(
            kwds.get('video', video), labels, templates, names, alpha
        )

    ask.demo = demo
    return ask


def test_each_model_says_its_best_label(ask):
    assert ask().text == 'CLIP: a (75.0 %)\nOurs, alpha 0.75: a (75.0 %)'
    assert 'b (100.0 %)' in ask(alpha=0).text


def test_models_keep_order_and_colour(ask):
    answer = ask(names=['Long', 'Ours'])
    assert answer.text.startswith('Ours')
    assert COLOURS[1].lower() in answer.bars
    assert COLOURS[0].lower() not in answer.bars


def test_frames_are_shown_once_for_models_that_see_the_same(ask):
    rows = ask(names=['CLIP', 'Ours', 'Long']).rows
    assert list(rows) == [
        '2 frames, as seen by CLIP, Ours',
        '3 frames, as seen by Long',
        'Attention of CLIP (yellow: much)',
        'Attention of Ours, alpha 0.75 (yellow: much)',
        'Attention of Long, alpha 0.75 (yellow: much)',
    ]
    assert rows['Attention of CLIP (yellow: much)'].max() == 8


def test_learned_prompts_are_told(ask):
    assert 'templates are not used' in ask(templates='a {}').text
    assert 'templates' not in ask().text


def test_the_chart_has_no_room_for_all_labels(ask):
    labels = '\n'.join(f'label {i}' for i in range(12))
    assert 'shows 10 of 12 labels' in ask(labels=labels).text


@pytest.mark.parametrize(
    ('question', 'message'),
    [
        (dict(video=None), 'Drop a video first'),
        (dict(labels=' \n '), 'Type the labels'),
        (dict(labels='a, b'), "'a, b' is the only label.*one a line"),
        (dict(labels='a\nb\na'), "'a' is the name of class 0 and of class 2"),
        (dict(templates='none'), 'unknown templates'),
        (dict(templates='a {}\nnone'), "'none' must hold '{}' exactly once"),
        (dict(names=[]), 'Choose a model'),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else '',
)
def test_what_is_missing_is_told(ask, question, message):
    with pytest.raises(ValueError, match=message):
        ask(**question)


def test_limits_are_kept(make_video):
    demo = Demo(dict(A=Pretender()), Limits(seconds=0.1))
    with pytest.raises(ValueError, match='up to 0.1 s'):
        demo.answer(str(make_video()), 'a\nb', '', ['A'], 1)


@pytest.mark.parametrize(
    ('question', 'message'),
    [
        (dict(labels='\n'.join('abcdef')), '6 labels are too many.* up to 5'),
        (dict(templates='a {}\nb {}\nc {}'), '3 templates are too many.* 2'),
        (dict(labels='a\n' + 'b' * 41), "'bbb.*has 41 letters;.* up to 40"),
        (dict(templates='{}' + 'b' * 39), 'templates of up to 40'),
    ],
)
def test_too_large_questions_are_refused_before_models_are_asked(
    make_video, question, message
):
    limits = Limits(labels=5, templates=2, letters=40)
    demo = Demo(dict(A=Pretender()), limits)
    rest = dict(labels='a\nb', templates='', names=['A'], alpha=1)
    with pytest.raises(ValueError, match=message):
        demo.answer(str(make_video()), **(rest | question))


def test_a_question_that_takes_too_long_ends_and_the_next_is_answered(
    make_video,
):
    demo = Demo(dict(A=Pretender()), Limits(answer_seconds=0.3))
    video = str(make_video())
    with pytest.raises(ValueError, match=r'takes longer than 0\.3 s'):
        demo.answer(video, 'slow\nb', '', ['A'], 1)
    assert demo.answer(video, 'a\nb', '', ['A'], 1).text.startswith('A, alpha')


def test_a_question_that_cannot_be_ended_does_not_keep_others_for_ever(
    make_video,
):
    demo = Demo(dict(A=Pretender()), Limits(answer_seconds=0.3))
    video, stuck = str(make_video()), threading.Event()
    look = demo.models['A'].look
    demo.models['A'].look = lambda *asked: stuck.wait(60) and look(*asked)
    question = (video, 'a\nb', '', ['A'], 1)
    thread = threading.Thread(target=demo.answer, args=question)
    thread.start()
    time.sleep(0.2)
    with pytest.raises(ValueError, match='The page is busy'):
        demo.answer(*question)
    stuck.set()
    thread.join()


def test_a_demo_that_is_stopped_breaks_off(make_video):
    demo = Demo(dict(A=Pretender()))
    threading.Timer(0.3, demo.stop).start()
    with pytest.raises(ValueError, match='is being closed'):
        demo.answer(str(make_video()), 'slow\nb', '', ['A'], 1)


def test_lines_are_labels_and_templates():
    assert parse_labels(' tai chi \n\narchery\r\n') == ('tai chi', 'archery')
    assert parse_templates(None) == ()
    assert parse_templates('bare') == ('{}',)
    assert parse_templates('a {}.\nthe {}') == ('a {}.', 'the {}')


def test_a_demo_needs_a_model():
    with pytest.raises(ValueError, match='needs a model'):
        Demo({})


def test_page_shows_an_answer_or_why_there_is_none(ask, make_video):
    video = str(make_video())
    said, bars, rows = render(ask.demo, video, 'a\nb', '', ['Ours'], 0.5)
    assert 'alpha 0.5' in said
    assert '<svg' in bars
    assert rows.count('<img') == 4
    said, *rest = render(ask.demo, video, '<b>', '', ['Ours'], 0.5)
    assert 'role="alert"' in said
    assert '&lt;b&gt;' in said
    assert rest == ['', '']
