"""Tiny CLIP models and their weights, for tests."""

import torch

import mmovar  # noqa: F401  (repairs the host before open_clip is imported)

WORDS = ('a', 'clip', 'of', 'open', 'close', 'push', 'the', 'box', 'ball')
NAMES = ('open the box', 'close the box', 'push ball')
TEMPLATES = ('a clip of {}.', '{}', 'the {}.')


def tiny_arch(quick_gelu=True, **vision):
    """Sizes of a CLIP that encodes a clip in a millisecond."""
    return dict(
        embed_dim=24,
        quick_gelu=quick_gelu,
        vision_cfg={
            **dict(image_size=32, layers=3, width=32, head_width=16),
            **dict(patch_size=16),
            **vision,
        },
        text_cfg=dict(
            **dict(context_length=12, vocab_size=len(WORDS) + 3),
            **dict(width=32, heads=2, layers=3),
        ),
    )


def open_clip_model(arch, seed=0):
    """Build open_clip's own model with random weights, no bias zero."""
    import open_clip
    from open_clip.model import CLIP

    if isinstance(arch, str):
        arch = open_clip.get_model_config(arch)
    torch.manual_seed(seed)
    model = CLIP(**arch).eval()
    for name, parameter in model.named_parameters():
        if name.endswith('bias'):
            torch.nn.init.normal_(parameter, std=0.02)
        elif parameter.ndim == 1 and name.endswith('weight'):
            torch.nn.init.normal_(parameter, mean=1.0, std=0.1)
    return model


def write_weights(path, arch=None, seed=0):
    """Write random weights of a tiny CLIP; return them."""
    arch = arch or tiny_arch()
    state_dict = open_clip_model(arch, seed).state_dict()
    quick_gelu = arch['quick_gelu'] if isinstance(arch, dict) else True
    torch.save(dict(state_dict=state_dict, quick_gelu=quick_gelu), path)
    return state_dict


def write_words(path):
    """Write the word list of the tiny CLIP; return its path."""
    path.write_text('\n'.join(WORDS))
    return str(path)


def recognizer_config(folder):
    """Config of a tiny VCLIP whose CLIP weights lie in a folder."""
    write_weights(folder / 'clip.pt')
    return dict(
        type='CLIPRecognizer',
        arch=tiny_arch(),
        weights=str(folder / 'clip.pt'),
        backbone=dict(type='VCLIPViT'),
        cls_head=dict(
            type='TextHead',
            templates=list(TEMPLATES),
            tokenizer=write_words(folder / 'words.txt'),
            topk=(1,),
        ),
    )


def largest_difference(left, right):
    """Compare two tensors or two dicts of tensors of equal keys."""
    if isinstance(left, dict):
        assert left.keys() == right.keys()
        return max(largest_difference(left[k], right[k]) for k in left)
    assert left.shape == right.shape
    return (left.detach() - right.detach()).abs().max().item()


def gradients(module):
    """Gradients by name; zeros where there is none."""
    return {
        name: torch.zeros_like(p) if p.grad is None else p.grad.clone()
        for name, p in module.named_parameters()
    }


def gradient_difference(left, right):
    """Largest difference, as a share of the largest gradient."""
    scale = max(gradient.abs().max().item() for gradient in right.values())
    return largest_difference(left, right) / scale
