"""The command line of the demo page; nothing is served."""

import pytest

from mmovar.demo import Limits


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        ([], 'give videos and --labels'),
        (['clip.mp4'], 'give videos and --labels'),
        (['clip.mp4', '--serve'], 'takes videos and templates on the page'),
        (['--serve', '--weights', 'x'], 'not --weights'),
        (['--serve', '--model', 'A=x', '--checkpoint', 'y'], 'without'),
    ],
)
def test_what_does_not_go_together_is_told(
    load_tool, capsys, arguments, message
):
    with pytest.raises(SystemExit):
        load_tool('demo').main(arguments)
    assert message in capsys.readouterr().err


def test_page_needs_gradio(load_tool, monkeypatch):
    tool = load_tool('demo')
    monkeypatch.setattr('importlib.util.find_spec', lambda name: None)
    with pytest.raises(SystemExit, match=r'pip install mmovar\[demo\]'):
        tool.main(['--serve'])


def test_page_gets_models_limits_and_labels(load_tool, tmp_path, monkeypatch):
    tool, served = load_tool('demo'), []
    monkeypatch.setattr('importlib.util.find_spec', lambda name: True)
    monkeypatch.setattr(tool, 'load_models', lambda sources, *_, **__: sources)
    monkeypatch.setattr(tool, 'Demo', lambda *demo: demo)
    monkeypatch.setattr(tool, 'serve', lambda *args: served.append(args))
    tool.main(['--serve', '--model', 'A=x.py', 'B=y.py:z', '--max-mb', '3'])
    tool.main(
        [
            *('--serve', '--config', 'x.py', '--labels', 'hop', 'run'),
            *('--max-pixels', '9', '--max-labels', '7', '--max-letters', '8'),
            *('--max-templates', '6', '--max-answer-seconds', '0.5'),
            *('--max-waiting', '4', '--max-total-mb', '2'),
            *('--allow-host', 'lab.example', 'b:80'),
        ]
    )
    (models, limits), folder, labels, host, *rest = served[0]
    assert (limits, rest[2]) == (Limits(megabytes=3), [])
    assert [str(m.checkpoint) for m in models] == ['None', 'z']
    assert (folder, labels, host) == ('work_dirs/demo', '', '127.0.0.1')
    ((model,), limits), _, labels, *_, allowed = served[1]
    assert (model.name, model.config, labels) == ('x', 'x.py', 'hop\nrun')
    assert limits == Limits(100, 2, 60, 9, 7, 6, 8, 0.5, 4)
    assert allowed == ['lab.example', 'b:80']
