"""Keep a page light: of the theme's icons, 700 kB as a script and a font, a page gets the dozen it shows."""

import re
from pathlib import Path

from bs4 import BeautifulSoup
from fontTools import subset
from fontTools.ttLib import TTFont

_FONTS = "_static/vendor/fontawesome/webfonts"
_FONT = "fa-solid-900"
_SHEET = "_static/styles/pydata-sphinx-theme.css"
_SCRIPT = "fontawesome.js"

_NAME = re.compile(r"\bfa-[a-z0-9-]+")
# An icon's letter of the private alphabet, written as a code or as itself.
_CODE = re.compile(r"\"\\([ef][0-9a-f]{3})\"")
_LETTER = re.compile("[\ue000-\uf8ff]")
# One icon in the style sheet, with the names it goes by: `.fa-bars:before,.fa-navicon:before{content:"\f0c9"}`.
_ICON = re.compile(r"(?:\.fa-[a-z0-9-]+:before,?)+\{content:\"\\[0-9a-f]+\"\}")
_SOURCES = re.compile(rf"src:url\([^)]*{_FONT}\.woff2\)[^,]*,url\([^)]*{_FONT}\.ttf\) format\(\"truetype\"\)")


def _leave_out_the_icon_script(page: BeautifulSoup) -> None:
    """It redraws every icon, which the font shows without it."""
    for script in page.select(f'script[src*="{_SCRIPT}"]'):
        script.decompose()


def keep_only_the_icons_used(site: Path) -> None:
    """Cut the icon font and its style sheet down to what pages, scripts and style sheets name."""
    (site / "_static" / "scripts" / _SCRIPT).unlink()
    sheet = site / _SHEET
    css = sheet.read_text(encoding="utf-8")
    used = _names_used(site)
    css = _ICON.sub(lambda icon: icon[0] if used & set(_NAME.findall(icon[0])) else "", css)
    css, replaced = _SOURCES.subn(f'src:url(../vendor/fontawesome/webfonts/{_FONT}.woff) format("woff")', css)
    if replaced != 1:
        raise ValueError(f"{_SHEET} no longer names the icon font as expected")
    sheet.write_text(css, encoding="utf-8")
    others = "".join(path.read_text(encoding="utf-8") for path in site.glob("_static/**/*.css") if path != sheet)
    _cut_font(site / _FONTS, _letters(css + others))


def _names_used(site: Path) -> set[str]:
    files = [path for kind in ("*.html", "*.js") for path in site.rglob(kind) if "mathjax" not in path.parts]
    return {name for path in files for name in _NAME.findall(path.read_text(encoding="utf-8"))}


def _letters(css: str) -> set[int]:
    return {int(code, 16) for code in _CODE.findall(css)} | {ord(letter) for letter in _LETTER.findall(css)}


def _cut_font(folder: Path, codes: set[int]) -> None:
    font = TTFont(folder / f"{_FONT}.ttf")
    cutter = subset.Subsetter(subset.Options(layout_features=[], notdef_outline=True))
    cutter.populate(unicodes=codes)
    cutter.subset(font)
    font.flavor = "woff"  # unlike woff2 it needs no further package, and a dozen icons are small in either
    font["head"].modified = font["head"].created  # the same bytes at every build
    font.recalcTimestamp = False
    for path in folder.iterdir():
        path.unlink()
    font.save(folder / f"{_FONT}.woff")


MENDS = (_leave_out_the_icon_script,)
