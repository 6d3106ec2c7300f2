"""How a chapter's verdicts are read back from its notebook: they travel in the cell outputs, under a MIME type."""

from collections import Counter
from dataclasses import dataclass

from nbformat import NotebookNode

from .chapters import numbered_cells

MIME = "application/vnd.mamllib.verdicts+json"


@dataclass(frozen=True)
class Verdict:
    """One statement judged on one instance, with the verdict the book expects there."""

    statement: str
    instance: str
    verdict: str
    expected: str

    @property
    def unexpected(self) -> bool:
        """The verdict is not the recorded one."""
        return self.verdict != self.expected

    def __str__(self) -> str:
        return f"{self.statement} on {self.instance}: {self.verdict}, expected {self.expected}"


def read(notebook: NotebookNode) -> list[Verdict]:
    """Every verdict a notebook's outputs carry, in order."""
    return [_verdict(record) for _, records in _outputs(notebook) for record in records]


def unexpected(notebook: NotebookNode) -> list[str]:
    """One line for each verdict that is not the expected one, naming its cell and statement."""
    return [
        f"cell {cell}: {verdict}"
        for cell, records in _outputs(notebook)
        for verdict in map(_verdict, records)
        if verdict.unexpected
    ]


def without(notebook: NotebookNode) -> NotebookNode:
    """The notebook as a reader sees it: verdicts are for the runner, and the site has no way to show their type."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(MIME, None)
        if "outputs" in cell:
            cell.outputs = [output for output in cell.outputs if output.get("data", True)]
    return notebook


def summary(verdicts: list[Verdict]) -> str:
    """The verdicts counted by kind, as in `7 holds, 2 violated`."""
    if not verdicts:
        return "no verdicts"
    return ", ".join(f"{count} {kind}" for kind, count in sorted(Counter(v.verdict for v in verdicts).items()))


def _outputs(notebook: NotebookNode):
    for number, cell in numbered_cells(notebook):
        for output in cell.get("outputs", []):
            if MIME in output.get("data", {}):
                yield number, output["data"][MIME]


def _verdict(record: dict) -> Verdict:
    return Verdict(**{field: record[field] for field in Verdict.__dataclass_fields__})
