"""Every chapter: one colour per quantity, in figures, diagrams, explorables and CSS alike; this file is the only place.

Safe for colour-blind readers (tests measure it) and at least 4.5:1 against the ground of its theme. Colour never
carries meaning alone: lines differ in style, marks in shape, and everything is labelled.
"""

LIGHT = {
    "ground": "#ffffff",
    "ink": "#1f2328",
    "data": "#757575",
    "prior": "#188649",
    "q": "#134b95",
    "decoder": "#b85c00",
    "posterior": "#a912d1",
    "kl": "#665200",
    "gap": "#7d1a3a",
}

DARK = {
    "ground": "#14181e",
    "ink": "#e6e9ed",
    "data": "#b4b8bd",
    "prior": "#26cf7d",
    "q": "#7fb2f5",
    "decoder": "#ef7a22",
    "posterior": "#b57cf5",
    "kl": "#e8d764",
    "gap": "#e0559f",
}
