"""How long a test may take before it fails, so that none waits for ever."""

import contextlib
import signal
from collections.abc import Iterator

import pytest


@contextlib.contextmanager
def limit(what: str, minutes: float) -> Iterator[None]:
    """Let the block fail where it takes longer; a limit around it goes on counting when it ends."""

    def fail(*_: object) -> None:
        pytest.fail(f"{what} took longer than {minutes:g} minutes")

    before = signal.signal(signal.SIGALRM, fail)
    around, _ = signal.setitimer(signal.ITIMER_REAL, 60 * minutes)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, around)
        signal.signal(signal.SIGALRM, before)
