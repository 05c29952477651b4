"""Each command of tools/visualize.py, on generated clips and tiny models."""

import json

import imageio.v3 as imageio
import numpy as np
import pytest

LABELS = ('archery', 'swimming', 'tai chi')


@pytest.fixture
def visualize(load_tool, tmp_path):
    """Run a command on the CPU; return the folder of its pictures."""
    tool = load_tool('visualize')

    def run(*arguments):
        out = tmp_path / 'pictures'
        tool.main([*map(str, arguments), '--out', str(out)])
        return out

    return run


@pytest.fixture
def tc_config(tiny_config):
    path = tiny_config.with_name('tc_config.py')
    path.write_text(
        "_base_ = './tiny_config.py'\n"
        "model = dict(backbone=dict(type='TCCLIPViT', seed_ratio=0.5, "
        'num_context=3))\n'
    )
    return path


def check_clip(out, name, frames):
    """Read back the picture and both videos of a clip."""
    assert imageio.imread(out / f'{name}.png').std() > 20
    for suffix in ('.gif', '.mp4'):
        video = imageio.imread(out / f'{name}{suffix}')
        assert len(video) == frames
        assert video[..., :3].std() > 20
    page = (out / 'page.html').read_text()
    assert page.count('data:video/mp4') >= 1


def test_attention_of_two_models_side_by_side(
    visualize, tiny_config, make_video
):
    out = visualize(
        *('attention', make_video(frames=20), '--device', 'cpu'),
        *('--model', f'CLIP={tiny_config}', '--model', f'B={tiny_config}'),
        *('--labels', *LABELS),
    )
    check_clip(out, 'attention', 2)
    assert 'Attention rollout' in (out / 'page.html').read_text()


def test_attention_without_labels_and_of_one_layer(
    visualize, tiny_config, make_video
):
    out = visualize(
        *('attention', make_video(), '--device', 'cpu', '--method', 'cls'),
        *('--model', f'CLIP={tiny_config}', '--layer', 0, '--name', 'first'),
    )
    check_clip(out, 'first', 2)


def test_context_tokens(visualize, tc_config, make_video):
    arguments = ('--model', f'TC={tc_config}', '--device', 'cpu')
    out = visualize('context', make_video(), *arguments)
    check_clip(out, 'context', 2)
    visualize('context', make_video(), *arguments, '--token', 2)
    with pytest.raises(ValueError, match='token 3'):
        visualize('context', make_video(), *arguments, '--token', 3)
    with pytest.raises(ValueError, match='not both'):
        visualize(
            *('context', make_video(), *arguments, '--token', 1),
            *('--at', 1, 0.5, 0.5),
        )


def test_embedding_of_a_folder_of_classes(visualize, tiny_config, make_video):
    for index in range(6):
        name = f'{LABELS[index % 2]}/{index}.mp4'
        folder = make_video(name, step=5 + 20 * (index % 2)).parent.parent
    out = visualize(
        *('embedding', '--model', f'CLIP={tiny_config}', '--device', 'cpu'),
        *('--videos', folder),
    )
    assert imageio.imread(out / 'embedding.png').std() > 10
    caption = json.loads((out / 'captions.json').read_text())['embedding.png']
    assert 'tsne of 6 videos' in caption
    assert 'V-measure 1.000' in caption  # dark and bright videos


def test_trade_off_of_two_sweeps(visualize, tmp_path):
    for name in ('a', 'b'):
        lines = [
            dict(alpha=alpha, metrics=dict(x=50 + alpha, y=60 - alpha))
            for alpha in (1.0, 0.0, 0.5)
        ]
        (tmp_path / f'{name}.jsonl').write_text(
            '\n'.join(map(json.dumps, lines))
        )
    sweeps = ('A=a.jsonl', 'B=b.jsonl')
    out = visualize('trade-off', *sweeps, '--x', 'x', '--y', 'y')
    assert imageio.imread(out / 'trade_off.png').std() > 10
    with pytest.raises(KeyError, match="'z'"):
        visualize('trade-off', *sweeps, '--x', 'x', '--y', 'z')


def write_record(folder, best, predictions):
    from mmovar.benchmark import Predictions, Record

    names = ('archery', 'swimming')
    scores = np.eye(2)[best].astype(np.float32)
    made = Predictions.from_scores(
        [f'{i}.mp4' for i in range(4)], [0, 0, 1, 1], scores, names
    )
    made.save(folder / 'cell.npz')
    Record(
        cell='mini/cell',
        protocol='mini',
        version=1,
        method=folder.name,
        fractions=made.fractions(),
        videos=4,
        predictions='cell.npz' if predictions else None,
    ).write(folder)


def test_class_gains_between_the_records_of_two_methods(visualize, tmp_path):
    write_record(tmp_path / 'ours', [0, 0, 1, 1], True)
    write_record(tmp_path / 'theirs', [0, 1, 1, 1], True)
    write_record(tmp_path / 'silent', [0, 1, 1, 1], False)
    out = visualize('class-gains', 'Ours=ours', 'Theirs=theirs')
    assert imageio.imread(out / 'class_gains_mini-cell.png').std() > 10
    with pytest.raises(ValueError, match='no cell in common'):
        visualize('class-gains', 'Ours=ours', 'Silent=silent')


def test_page_gathers_the_pictures_of_all_commands(visualize, tmp_path):
    write_record(tmp_path / 'ours', [0, 0, 1, 1], True)
    for name in ('one', 'two', 'one'):
        out = visualize('class-gains', 'A=ours', 'B=ours', '--name', name)
    page = (out / 'page.html').read_text()
    assert page.count('<img') == 2
    (out / 'one_mini-cell.png').unlink()
    out = visualize('class-gains', 'A=ours', 'B=ours', '--name', 'three')
    assert (out / 'page.html').read_text().count('<img') == 2


@pytest.mark.parametrize('model', ['no_separator', '=x', 'x='])
def test_model_without_title_or_config_is_named(visualize, model):
    with pytest.raises(ValueError, match='TITLE=VALUE'):
        visualize('attention', 'x.mp4', '--model', model)


def test_missing_and_broken_videos_are_named(visualize, tiny_config, tmp_path):
    arguments = ('--model', f'CLIP={tiny_config}', '--device', 'cpu')
    with pytest.raises(FileNotFoundError, match='none.mp4'):
        visualize('attention', 'none.mp4', *arguments)
    (tmp_path / 'broken.mp4').write_bytes(b'no video')
    with pytest.raises(ValueError, match='broken.mp4'):
        visualize('attention', 'broken.mp4', *arguments)
