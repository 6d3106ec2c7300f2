"""``python -m benchmarks.unequal``: measure, and keep what was measured in ``mamllib/measured/unequal.csv``."""

import argparse

from benchmarks.side_by_side import one_core, write

one_core()

from benchmarks.unequal.measure import table  # noqa: E402


def main() -> None:
    """Every way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=8)
    write(table(parser.parse_args().rounds), "unequal")


if __name__ == "__main__":
    main()
