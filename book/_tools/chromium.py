"""Find the browser that the site is tested in, or install it where that needs no question asked."""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> str | None:
    """The browser's executable: the one that `CHROMIUM` names, else the first on the path."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


def main() -> int:
    """Make sure that there is a browser: Debian's package where we are root, else one line of advice."""
    if find():
        return 0
    if shutil.which("apt-get") and os.geteuid() == 0:
        subprocess.run(["apt-get", "update", "-qq"], check=False)
        subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"], check=False)
    if find():
        return 0
    print("The site's tests need Chromium: install it (Debian: sudo apt-get install chromium) or set CHROMIUM to one.")
    return 1


if __name__ == "__main__":
    sys.exit(main())
