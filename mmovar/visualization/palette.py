"""Colours that people with any colour vision can tell apart."""

COLOURS = (
    *('#0072B2', '#E69F00', '#009E73', '#CC79A7'),
    *('#56B4E9', '#D55E00', '#000000', '#B8A800'),
)
"""Okabe and Ito's palette; its yellow is darker, to be seen on white."""

MARKERS = ('o', '^', 's', 'D', 'v', 'P', 'X', '*', '<', '>', 'p', 'h', 'd')
"""Shapes that tell classes of one colour apart."""
