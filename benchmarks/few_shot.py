"""Few-shot characters: every arm from ten seeds, on both splits of the alphabets.

    MAMLLIB_OMNIGLOT=folder python -m benchmarks.few_shot [--seeds 10]

Without the variable the images are fetched and kept. A row of ``mamllib/measured/few_shot.csv`` is one arm, one seed
and one split; accuracies are means over 1,000 easy and 1,000 hard test tasks, the same for all. An easy and
a hard task are kept as a picture beside it.
"""

import argparse
from itertools import product
from pathlib import Path

import pandas as pd
from tqdm import tqdm

import mamllib
from mamllib.few_shot import ARMS, measure, split
from mamllib.few_shot.protocol import nearest
from mamllib.few_shot.shown import FILE, sheet

SPLITS = ("small2 unseen", "small1 unseen")
KEPT = Path(mamllib.__file__).parent / "measured" / "few_shot.csv"


def main() -> None:
    """Measure what is not yet in the table, row by row, and keep it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10)
    seeds = range(parser.parse_args().seeds)
    rows = pd.read_csv(KEPT).to_dict("records") if KEPT.exists() else []
    done = {(row["split"], row["arm"], row["seed"]) for row in rows}
    jobs = [(name, seed, arm) for name, seed, arm in product(SPLITS, seeds, ARMS) if (name, arm.name, seed) not in done]
    for name, seed, arm in tqdm(jobs):
        found = measure(arm, *split(name), seed)
        rows.append({"split": name, "arm": arm.name, "p_hard": arm.p_hard, "seed": seed, **found._asdict()})
        pd.DataFrame(rows).to_csv(KEPT, index=False, float_format="%.6g")
    sheet(split(SPLITS[0])[1]).save(KEPT.with_name(FILE))
    for name in SPLITS:
        print(name, "nearest neighbour: easy {:.4f}, hard {:.4f}".format(*nearest(split(name)[1])))


if __name__ == "__main__":
    main()
