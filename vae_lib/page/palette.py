"""Every chapter: one colour per quantity, in figures, diagrams, explorables and CSS alike; this file is the only place.

The ten digits have colours of their own, which collide with none of the quantities'.

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

LIGHT_DIGITS = (  # 0 to 9; 3:1 against the ground, for marks and not for words
    "#c33f3a", "#462307", "#af8c2e", "#719f5e", "#005f53", "#579cbd", "#093c64", "#746ec3", "#e257e8", "#e7438a",
)  # fmt: skip

DARK_DIGITS = (
    "#a14d3c", "#f1c197", "#776e05", "#6dc13c", "#5a6b62", "#59d6f9", "#2e77b9", "#484df4", "#b427a5", "#e81773",
)  # fmt: skip
