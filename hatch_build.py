"""What building a wheel adds to the package: the commit it is built from."""

import subprocess
import tempfile
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CommitHook(BuildHookInterface):
    """Writes the commit and its day into a wheel as ``mamllib/commit.txt``, where the wheel is that commit's.

    Sources outside a git checkout, or changed since the commit, name none.
    """

    def initialize(self, version: str, build_data: dict) -> None:
        """Add the file to a wheel; an editable installation asks git itself."""
        if version == "editable" or not Path(self.root, ".git").exists() or self._git("status", "--porcelain") != "":
            return
        path = Path(tempfile.mkdtemp(), "commit.txt")
        path.write_text(self._git("show", "--no-patch", "--format=%H %cs"), encoding="utf-8")
        build_data["force_include"][str(path)] = "mamllib/commit.txt"

    def _git(self, *arguments: str) -> str | None:
        """What git says, or nothing where it is not installed or will not speak of this folder."""
        try:
            process = subprocess.run(["git", "-C", self.root, *arguments], capture_output=True, text=True, check=True)
        except (OSError, subprocess.CalledProcessError):
            return None
        return process.stdout
