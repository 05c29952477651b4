"""The page over HTTP; its model pretends."""

import pytest

from helpers.served_page import API, served_page, wait_until

pytest.importorskip('gradio')


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp('page')


@pytest.fixture(scope='module')
def page(folder):
    with served_page(folder, labels=5, answer_seconds=1, waiting=1) as page:
        yield page


def uploads(folder):
    found = folder.glob('page_*/uploads/**/*')
    return sorted(path.name for path in found if path.is_file())


@pytest.mark.parametrize(
    'headers',
    [
        dict(host='evil.example:{port}'),
        dict(host='evil.example:{port}', origin='http://evil.example:{port}'),
        dict(origin='http://evil.example'),
        dict(origin='null'),
    ],
)
@pytest.mark.parametrize(
    ('method', 'path'),
    [
        ('GET', '/'),
        ('GET', '/config'),
        ('GET', '/theme.css'),
        ('GET', f'{API}/queue/data?session_hash=x'),
        ('GET', f'{API}/file=x'),
        ('POST', f'{API}/queue/join'),
        ('POST', f'{API}/upload'),
        ('OPTIONS', f'{API}/upload'),
    ],
)
def test_foreign_pages_get_no_answer(page, method, path, headers):
    headers = {k: v.format(port=page.port) for k, v in headers.items()}
    headers['access-control-request-method'] = 'POST'
    response = page.client.request(method, path, headers=headers)
    assert response.status_code == 403
    assert 'access-control-allow-origin' not in response.headers


def test_its_own_page_is_answered(page, make_video):
    own = page.url.rstrip('/')
    response = page.client.get('/', headers=dict(origin=own))
    assert response.status_code == 200
    assert 'default-src' in response.headers['content-security-policy']
    (video,) = page.upload(make_video().read_bytes(), origin=own).json()
    page.join(video, 'hop\nrun', 'a')
    assert 'A, alpha 1: hop (100.0 %)' in page.answer('a')
    page.join(video, 'a\nb\nc\nd\ne\nf', 'b')
    assert '6 labels are too many' in page.answer('b')


def test_more_questions_than_may_wait_are_told(page, make_video):
    (video,) = page.upload(make_video().read_bytes()).json()
    asked = [page.join(video, 'slow\nb', f's{i}') for i in range(7)]
    assert asked[-1].status_code == 503
    assert 'Queue is full' in asked[-1].json()['detail']
    assert 'takes longer than 1 s' in page.answer('s0')


def test_uploads_have_bounds(page, folder):
    large = page.upload(bytes(2**20))
    assert (large.status_code, large.text[:22]) == (
        413,
        '1.0 MB are too many: t',
    )
    answers = [page.upload(bytes([i]) * 400_000) for i in range(3)]
    assert answers[0].status_code == 200
    assert answers[2].status_code == 507
    assert 'have reached 1 MB' in answers[2].text
    question = page.client.post(f'{API}/queue/join', content=bytes(2**22 + 1))
    assert question.status_code == 413
    chunks = page.client.post(f'{API}/upload', content=iter([b'x']))
    assert chunks.status_code == 411
    total = sum(p.stat().st_size for p in folder.glob('page_*/uploads/*/*'))
    assert total < 2**20


def test_files_of_uploads_that_were_broken_off_are_removed(page, folder):
    before = uploads(folder)
    with page.begin_upload():
        wait_until(lambda: len(uploads(folder)) > len(before))
    wait_until(lambda: uploads(folder) == before)
