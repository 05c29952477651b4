"""Prompt templates that turn a class name into sentences."""

from collections.abc import Sequence

_OPEN_VCLIP_PREFIXES = (
    'a photo of',
    'a video of',
    'a example of',  # sic: the released text features carry this spelling
    'a demonstration of',
)
_OPEN_VCLIP_BODIES = (
    '{}.',
    'a person {}.',
    'a person using {}.',
    'a person doing {}.',
    'a person during {}.',
    'a person performing {}.',
    'a person practicing {}.',
)

_ACTIONCLIP = (
    'a photo of action {}',
    'a picture of action {}',
    'Human action of {}',
    '{}, an action',
    '{} this is an action',
    '{}, a video of action',
    'Playing action of {}',
    '{}',
    'Playing a kind of action, {}',
    'Doing a kind of action, {}',
    'Look, the human is {}',
    'Can you recognize the action of {}?',
    'Video classification of {}',
    'A video of {}',
    'The man is {}',
    'The woman is {}',
)

TEMPLATES: dict[str, tuple[str, ...]] = {
    'open_vclip': tuple(
        f'{prefix} {body}'
        for prefix in _OPEN_VCLIP_PREFIXES
        for body in _OPEN_VCLIP_BODIES
    ),
    'vifi_clip': ('a photo of a {}.',),
    'actionclip': _ACTIONCLIP,
    'bare': ('{}',),
}
"""Named template sets; ``open_vclip`` is the ensemble of 28."""


def resolve_templates(templates: str | Sequence[str]) -> tuple[str, ...]:
    """Return the prompt templates that a config value stands for.

    Args:
        templates: A key of :data:`TEMPLATES`, one template, or a sequence of
            templates. A template holds ``{}`` where the class name goes.

    Returns:
        The templates, in the order given.

    Raises:
        ValueError: If a string is neither a known set nor a template, if a
            template does not hold ``{}`` exactly once, or if none is given.

    Example:
        >>> resolve_templates('bare')
        ('{}',)
        >>> resolve_templates('a clip of {}.')
        ('a clip of {}.',)
    """
    if isinstance(templates, str):
        if templates in TEMPLATES:
            return TEMPLATES[templates]
        if '{}' not in templates:
            raise ValueError(
                f'unknown templates {templates!r}: expected one of '
                f"{sorted(TEMPLATES)} or a sentence with '{{}}' in it"
            )
        templates = (templates,)
    if not isinstance(templates, Sequence):
        raise ValueError(
            'templates must be the name of a set, a sentence or a list of '
            f'sentences, got {templates!r}'
        )
    if not templates:
        raise ValueError('no template given')
    for template in templates:
        text = template if isinstance(template, str) else ''
        rest = text.replace('{}', '', 1)
        if rest == text or {'{', '}'} & set(rest):
            raise ValueError(
                f"template {template!r} must hold '{{}}' exactly once, "
                'where the class name goes, and no other braces'
            )
    return tuple(templates)
