"""What the page draws and says at every third position of its sliders is what the library computed."""

import base64
import hashlib
import io
import itertools
import json

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from book._tools import accessibility, page_gates
from book._tools.places import ROOT
from mamllib.explorers import Shown
from mamllib.explorers import page as html_page

# The page at every third position of its sliders: what it says, and the data of the marks that it draws.
_SWEEP = """async () => {
  const root = document.querySelector(".explorer");
  const inputs = [...root.querySelectorAll("input")];
  const {view, update} = root.explorer;
  const marks = (name) => view.data(name).map(({s, x, y}) => [s, x, y]);
  const found = [];
  const visit = async (depth) => {
    if (depth === inputs.length) {
      if (inputs.reduce((sum, input) => sum + Number(input.value), 0) % 3) return;
      await update();
      const shown = inputs.map((input) => input.getAttribute("aria-valuetext"));
      found.push([root.querySelector(".explorer-said").textContent, shown, marks("here"),
                  Number(inputs.at(-1).value) === 0 ? [...marks("lines"), ...marks("points")] : null]);
      return;
    }
    for (let place = 0; place <= Number(inputs[depth].max); place += 1) {
      inputs[depth].value = place;
      await visit(depth + 1);
    }
  };
  await visit(0);
  return found;
}"""


# The chart is drawn anew for the room it has, rather than shrunk with its letters.
_FITS = """() => {
  const chart = document.querySelector(".explorer-chart");
  const drawn = Number(chart.querySelector("svg").getAttribute("width"));
  return chart.clientWidth < 390 && Math.abs(drawn - chart.clientWidth) < 4;
}"""


def expected(shown: Shown, position: tuple[int, ...]) -> list:
    """What the page has to say and draw at a position, from the library's table."""
    explorer, table, (*row, here) = shown.explorer, shown.table, position
    row = tuple(row)

    def across(column):
        return table[column][row].tolist() if column else list(explorer.sliders[-1].values)

    curves = [(one, list(zip(across(one.x), across(one.y), strict=True))) for one in explorer.series]
    drawn = [one for kind in ("line", "points") for one in curves if one[0].kind == kind]
    return [
        explorer.say(table, position),
        [slider.texts[place] for slider, place in zip(explorer.sliders, position, strict=True)],
        [[one.y, *curve[here]] for one, curve in curves],
        [[one.y, *point] for one, curve in drawn for point in curve] if here == 0 else None,
    ]


def test_what_it_draws_and_says_is_what_the_library_computed(page: Page, name: str, shown: dict[str, Shown]):
    one = shown[name]
    found = page.evaluate(_SWEEP)
    positions = [at for at in itertools.product(*map(range, one.explorer.shape)) if sum(at) % 3 == 0]
    assert len(found) == len(positions) >= np.prod(one.explorer.shape) // 3
    wrong = [(at, drawn) for at, drawn in zip(positions, found, strict=True) if drawn != expected(one, at)]
    assert wrong == []


def test_its_marks_stand_where_the_scales_put_the_numbers(page: Page, name: str, shown: dict[str, Shown]):
    """The picture itself: each present mark is within a pixel of where its number lies between the axis' ends."""
    one = shown[name]
    places = page.evaluate("""() => {
      const root = document.querySelector(".explorer");
      const frame = root.querySelector(".mark-group .background").getBoundingClientRect();
      return [...root.querySelectorAll(".drawn-here path")].map((mark) => {
        const box = mark.getBoundingClientRect();
        return [(box.x + box.width / 2 - frame.x) / frame.width, (box.y + box.height / 2 - frame.y) / frame.height];
      });
    }""")
    explorer = one.explorer
    drawn = expected(one, explorer.start)[2]
    assert len(places) == len(drawn)
    for (x, y), (_, value_x, value_y) in zip(places, drawn, strict=True):
        assert x == pytest.approx(share(explorer.x, value_x), abs=0.01)
        assert y == pytest.approx(1 - share(explorer.y, value_y), abs=0.02)


def share(axis, value: float) -> float:
    """How far along its axis a number lies."""
    low, high, value = (np.log(part) if axis.log else part for part in (*axis.ends, value))
    return (value - low) / (high - low)


def test_what_is_measured_and_its_bound_lie_within_the_axes(name: str, shown: dict[str, Shown]):
    """Only a second bound may leave the chart."""
    explorer, table = shown[name].explorer, shown[name].table
    for series in explorer.series:
        x = table[series.x] if series.x else np.asarray(explorer.sliders[-1].values)
        y = table[series.y]
        assert explorer.x.ends[0] <= x.min() <= x.max() <= explorer.x.ends[1]
        if not series.dashed:
            assert explorer.y.ends[0] <= y.min() <= y.max() <= explorer.y.ends[1]


def test_its_lines_are_seen(page: Page, name: str, shown: dict[str, Shown]):
    """Half way between two neighbours of every line there is ink: data that a chart holds need not be visible."""
    one = shown[name]
    frame = page.locator(".explorer-chart .mark-group .background").first.bounding_box()
    seen = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("L")
    for series in (series for series in one.explorer.series if series.kind == "line"):
        xs, ys = ends_of_last_segment(one, series)
        x = frame["x"] + frame["width"] * sum(share(one.explorer.x, value) for value in xs) / 2
        y = frame["y"] + frame["height"] * (1 - sum(share(one.explorer.y, value) for value in ys) / 2)
        box = [round(x) - 5, round(y) - 3, round(x) + 6, round(y) + 4]  # a dash and what follows it
        assert seen.crop(box).getextrema()[0] < 200, series.label


def ends_of_last_segment(one: Shown, series) -> tuple:
    row = one.explorer.start[:-1]
    xs = one.table[series.x][row] if series.x else one.explorer.sliders[-1].values
    return xs[-2:], one.table[series.y][row][-2:]


def test_the_keyboard_moves_every_slider_and_nothing_hears_of_it(page: Page, name: str, shown: dict[str, Shown]):
    one = shown[name]
    page.evaluate("() => { window.heard = 0; document.addEventListener('keydown', () => { window.heard += 1; }); }")
    position = list(one.explorer.start)
    for place, slider in enumerate(one.explorer.sliders):
        page.locator("input[type=range]").nth(place).focus()
        step = -1 if slider.start > 0 else 1
        page.keyboard.press("ArrowLeft" if step < 0 else "ArrowRight")
        position[place] += step
        assert page.locator(".explorer-said").text_content() == one.explorer.say(one.table, tuple(position))
    assert page.evaluate("window.heard") == 0
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.type") != "range"


def test_sliders_are_labelled_with_name_and_value(page: Page, name: str, shown: dict[str, Shown]):
    for slider in shown[name].explorer.sliders:
        found = page.get_by_role("slider", name=f"{slider.symbol} {slider.meaning}", exact=True)
        assert found.get_attribute("aria-valuetext") == slider.texts[slider.start]


@pytest.mark.parametrize("way", ["no JavaScript", "no Vega"])
def test_where_nothing_can_be_drawn_the_picture_and_the_sentence_stay(
    browser: Browser, address: str, name: str, shown: dict[str, Shown], way: str
):
    context = browser.new_context(java_script_enabled=way != "no JavaScript")
    page = context.new_page()
    page.route("**/vega.min.js", lambda route: route.abort())
    page.goto(f"{address}/{name}.html", wait_until="networkidle")
    one = shown[name]
    picture = page.locator(".explorer img")
    assert picture.is_visible()
    assert picture.bounding_box()["height"] > 150
    assert page.locator(".explorer-said").text_content() == one.explorer.say(one.table, one.explorer.start)
    assert page.locator("input").first.is_hidden()
    context.close()


def test_it_is_accessible_and_fits_a_phone(page: Page):
    page.add_style_tag(content="body { margin: 0 }")
    assert accessibility.violations(page) == []
    page.set_viewport_size(page_gates.PHONE)
    page.wait_for_function(_FITS, timeout=5000)
    assert page.evaluate("document.documentElement.scrollWidth") <= page_gates.PHONE["width"]
    assert page.locator(".explorer img").is_hidden()


@pytest.mark.parametrize("name", ["theorem_4_17"], indirect=True)
@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_a_dropped_start_is_walked_from(
    browser: Browser, address: str, name: str, shown: dict[str, Shown], motion: str
):
    """Without motion the end is shown at once. The walk is not started by opening the page."""
    context = browser.new_context(viewport=page_gates.DESK, reduced_motion=motion)
    page = context.new_page()
    page.goto(f"{address}/{name}.html")
    page.wait_for_selector(".explorer[data-live]")
    assert page.locator(".explorer-play").text_content() == "Play"
    frame = page.locator(".explorer-chart .mark-group .background").first.bounding_box()
    page.mouse.click(frame["x"] + 0.25 * frame["width"], frame["y"] + 0.5 * frame["height"])
    page.wait_for_function("document.querySelector('.explorer input').value === '6'")  # −0.8, and −0.75 is nearest
    moving = motion == "no-preference"
    assert page.locator(".explorer-play").text_content() == ("Pause" if moving else "Play")
    assert page.locator(".explorer-said").get_attribute("aria-live") == ("off" if moving else "polite")
    page.wait_for_function("document.querySelectorAll('.explorer input')[1].value === '30'", timeout=10_000)
    assert page.locator(".explorer-play").text_content() == "Play"
    assert page.locator(".explorer-said").text_content() == shown[name].explorer.say(shown[name].table, (6, 30))
    context.close()


def test_the_script_names_the_version_of_vega_that_the_site_serves():
    vega = ROOT / "node_modules" / "vega"
    version = json.loads((vega / "package.json").read_text(encoding="utf-8"))["version"]
    digest = base64.b64encode(hashlib.sha384((vega / "build" / "vega.min.js").read_bytes()).digest()).decode()
    assert f"vega@{version}/build/vega.min.js" in html_page.asset("explorer.js")
    assert f"sha384-{digest}" in html_page.asset("explorer.js")
