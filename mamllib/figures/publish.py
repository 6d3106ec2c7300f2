"""Publishing a figure: the picture in three formats, its data and parameters, what made it, and how it is cited."""

import html
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from mamllib.figures import carried, citation, provenance
from mamllib.formatting import number

FOLDER_VARIABLE = "MAMLLIB_FIGURES"
MARGIN = 1 / 24  # inches: the same as the layout's own, so that a figure is as wide as it was made


@dataclass(frozen=True)
class Summary:
    """What is plotted: rows, and for each numeric column its least, middle and largest value; folded away on a page."""

    text: str

    def __repr__(self) -> str:
        """The summary as text."""
        return self.text

    def _repr_html_(self) -> str:
        title, *columns = self.text.split("\n")
        listed = html.escape("\n".join(line.strip() for line in columns))
        return f'<details class="plotted"><summary>Plotted: {html.escape(title)}</summary><pre>{listed}</pre></details>'


def publish(
    figure, name: str, data: pd.DataFrame, columns: Mapping[str, str], statements: Sequence[str], **parameters
) -> Summary:
    """Write ``<folder>/<name>/`` and summarise what is plotted.

    It holds figure.pdf, .svg, .png, which carry name, commit, parameters and statements inside (``whence`` reads it);
    data.csv and params.json, which are the same on every machine but for rounding; environment.json, cite.bib and
    snippet.tex, which name versions and the commit. The summary is what a comparison of stored outputs can see of a
    picture.

    Args:
        figure: a Matplotlib figure.
        name: permanent id of the figure.
        data: exactly what is plotted.
        columns: what each column of ``data`` means, with units.
        statements: ids of the statements the figure supports.
        parameters: values that produced it (profile, seed, …).

    Raises:
        ValueError: a column of ``data`` without description, or a description without column.
    """
    if set(columns) != set(data.columns):
        raise ValueError(f"columns described {sorted(columns)} differ from those plotted {sorted(data.columns)}")
    folder = Path(os.environ.get(FOLDER_VARIABLE, "figures")) / name
    folder.mkdir(parents=True, exist_ok=True)
    for extension, metadata in carried.metadata(carried.note(name, parameters, statements)).items():
        figure.savefig(folder / f"figure.{extension}", metadata=metadata, pad_inches=MARGIN)
    data.to_csv(folder / "data.csv", index=False, float_format="%.12g", lineterminator="\n")
    described = {"figure": name, "columns": dict(columns), "statements": list(statements), "parameters": parameters}
    _write(folder / "params.json", _json(described))
    _write(folder / "environment.json", _json(provenance.environment()))
    _write(folder / "cite.bib", citation.figure_entry(name))
    _write(folder / "snippet.tex", citation.snippet(name, figure.get_figwidth(), f"Figure \\texttt{{{name}}}."))
    return Summary(_summary(name, data))


def _json(value: Mapping) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _summary(name: str, data: pd.DataFrame) -> str:
    lines = [f"{name}: {len(data)} rows"]
    for column in data.select_dtypes("number"):
        values = data[column].dropna()
        least, middle, largest = (number(x, 1e-14) for x in (values.min(), values.median(), values.max()))
        lines.append(f"  {column}: {least} … {middle} … {largest}")
    return "\n".join(lines)
