"""Jobs done a few at a time, of which the first that fails ends the others."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import as_completed
from typing import TypeVar

from .processes import Group
from .processors import threads

AT_ONCE = 2  # a chapter keeps little more than one core busy

Result = TypeVar("Result")


def run(jobs: Iterable[Callable[[Group], Result]], at_once: int = AT_ONCE) -> Iterator[Result]:
    """What each job gives, as it ends; they begin in the order given.

    Args:
        jobs: each runs its commands in the group that it is given.
        at_once: so many at a time, each of which keeps to its share of the processors.

    Raises:
        Exception: of the job that failed first; no command of another runs any more then.
    """
    group = Group()
    with threads(at_once) as executor:
        try:
            for done in as_completed([executor.submit(job, group) for job in jobs]):
                yield done.result()
        except BaseException:
            executor.shutdown(wait=False, cancel_futures=True)
            group.end()
            raise
