"""This machine's processors, shared out among what runs side by side.

JAX takes a thread for each processor. Two processes that both use all of them send every program they run from one
processor to another: beside each other, on two of them, a chapter then takes twice the processor time.
"""

import os
from concurrent.futures import ThreadPoolExecutor

CAN_CHOOSE = hasattr(os, "sched_setaffinity")  # Linux alone lets a process keep to some of them
USABLE = tuple(sorted(os.sched_getaffinity(0))) if CAN_CHOOSE else ()


def shares(count: int, usable: tuple[int, ...] = USABLE) -> list[tuple[int, ...]]:
    """As many equal parts of the usable processors; where there are fewer of these, one each, shared with others."""
    whole = len(usable) // count
    if not whole:
        return [(usable[i % len(usable)],) for i in range(count)]
    return [usable[whole * i : whole * (i + 1)] for i in range(count)]


def keep_to(share: tuple[int, ...]) -> None:
    """Let this thread, and what it starts from now on, run on these processors alone."""
    os.sched_setaffinity(0, share)


def threads(at_once: int) -> ThreadPoolExecutor:
    """So many threads, each of which, with the commands it runs, keeps to its share; not where a system lets none."""
    if not CAN_CHOOSE or at_once == 1:
        return ThreadPoolExecutor(at_once)
    left = iter(shares(at_once))
    return ThreadPoolExecutor(at_once, initializer=lambda: keep_to(next(left)))
