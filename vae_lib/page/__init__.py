"""What a chapter shows: sources, tables, figures, diagrams, and numbers as a pencil writes them."""

from vae_lib.lazy import lazily

lazily(
    __name__,
    palette="LIGHT LIGHT_DIGITS",
    diagrams="architecture computation_graph reparameterization",
    recurring="way",
    planes="inverse_cdf show_planes",
    plotting="as_svg draw_ellipse show_images show_rows waterfall",
    pencil="decimals exact exp latex log_two_pi show tensor to_float",
    display="show_source table",
)
