"""Whether pages are valid HTML, as html-validate judges it by the standard."""

import json
import subprocess
import tempfile
from pathlib import Path

from .places import ROOT

_SCRIPT = ROOT / "node_modules" / "html-validate" / "bin" / "html-validate.mjs"


def mistakes(pages: list[Path]) -> list[str]:
    """Every mistake in the pages, with the rule that it breaks."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        _judge(pages, report)
        return [
            f"{Path(file['filePath']).name}:{found['line']}: {found['message']} ({found['ruleId']})"
            for file in json.loads(report.read_text(encoding="utf-8"))
            for found in file["messages"]
        ]


def _judge(pages: list[Path], report: Path) -> None:
    """Write the report; to a file, for the program ends before a long one has gone through a pipe."""
    rules = ["--preset", "standard"]  # the standard's own, without those of style
    process = subprocess.run(
        ["node", str(_SCRIPT), *rules, "--formatter", f"json={report}", *map(str, pages)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if process.returncode not in (0, 1) or not report.is_file():
        raise RuntimeError(f"html-validate ended with status {process.returncode}:\n{process.stdout}")
