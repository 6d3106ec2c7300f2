"""One look for every figure: the venues' column widths, a colour-blind palette, legible in grey."""

import logging

import matplotlib as mpl
import seaborn as sns

COLUMN = 3.25
PAGE = 6.75
SMALLEST, TICKS = 7.0, 7.5  # points: the least at the size at which a figure is shown, and that of tick labels
PALETTE = sns.color_palette("colorblind")
MEASURED, BOUND, WRONG, SECOND, REFERENCE = PALETTE[0], "black", PALETTE[3], PALETTE[2], "0.55"


def use() -> None:
    """Set the style: 8-point text, no frame on top or right, embedded fonts, byte-stable SVG."""
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    sns.set_theme(style="ticks", palette="colorblind")
    mpl.rcParams.update(
        {
            "figure.figsize": (PAGE, 2.6),
            "figure.dpi": 144,
            "savefig.dpi": 300,
            "savefig.bbox": "tight",
            "font.size": 8,
            "axes.titlesize": 9,
            "axes.labelsize": 8,
            "xtick.labelsize": TICKS,
            "ytick.labelsize": TICKS,
            "legend.fontsize": 7.5,
            "legend.frameon": False,
            "lines.linewidth": 1.4,
            "lines.markersize": 4,
            "axes.linewidth": 0.8,
            "xtick.major.width": 0.8,
            "ytick.major.width": 0.8,
            "xtick.major.size": 3,
            "ytick.major.size": 3,
            "xtick.minor.size": 1.5,
            "ytick.minor.size": 1.5,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "figure.constrained_layout.use": True,
            "pdf.fonttype": 42,
            "svg.fonttype": "path",
            "svg.hashsalt": "mamllib",
        }
    )


def share_of_page(width: float) -> float | None:
    """How a figure of this width (inches) is shown: as this share of the page's width, or in one column where `None`.

    One column is for figures whose tick labels, 7.5 points, stay legible there; wider ones keep their size.
    """
    if width * SMALLEST <= COLUMN * TICKS:
        return None
    return min(width / PAGE, 1.0)


def reference_slope(axes, x, y, slope: float, label: str) -> None:
    """A grey power law through (x[0], y) over the range of ``x``, named at its end."""
    end = y * (x[-1] / x[0]) ** slope
    axes.plot([x[0], x[-1]], [y, end], color=REFERENCE, linestyle=":", linewidth=1)
    axes.annotate(label, (x[-1], end), xytext=(3, 0), textcoords="offset points", color="0.35", va="center", fontsize=7)
