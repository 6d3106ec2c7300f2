"""Commands with an end: one that takes longer than it may is ended, and the failure says what it was."""

import contextlib
import subprocess
import threading
from collections.abc import Iterator, Sequence

# What tests give: several times what a slow machine takes.
CHAPTER_MINUTES = 15
ENVIRONMENT_MINUTES = 10
GRACE = 15.0  # seconds in which a process that is told to end puts its kernel away


class TookTooLong(Exception):
    """Something did not end in the time that it was given."""

    def __init__(self, what: str, minutes: float):
        super().__init__(f"{what} took longer than {minutes:g} minutes")


class Ended(Exception):
    """A command was ended because the others of its group were."""


class Group:
    """Commands that threads run beside each other, and that can be ended together."""

    def __init__(self):
        self._running: set[subprocess.Popen] = set()
        self._ended = False
        self._lock = threading.Lock()

    def run(
        self, what: str, minutes: float | None, command: Sequence[str], **options: object
    ) -> subprocess.CompletedProcess[str]:
        """Run a command and give what it printed, by default together with its errors.

        Args:
            what: the command in words, for the failure.
            minutes: it may take; None where it may take any time.
            command: program and arguments.
            options: as ``subprocess.Popen`` takes them.

        Raises:
            TookTooLong: it took longer, and was ended.
            Ended: `end` was called before or meanwhile.
        """
        with self._started(command, **options) as process:
            try:
                output, errors = process.communicate(timeout=minutes and 60 * minutes)
            except subprocess.TimeoutExpired:
                raise TookTooLong(what, minutes) from None
        if self._ended:
            raise Ended(what)
        return subprocess.CompletedProcess(command, process.returncode, output, errors)

    def end(self) -> None:
        """End every command that runs, and let none begin."""
        with self._lock:
            self._ended = True
            running = list(self._running)
        for process in running:
            process.terminate()
        for process in running:
            _end(process)

    @contextlib.contextmanager
    def _started(self, command: Sequence[str], **options: object) -> Iterator[subprocess.Popen]:
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True} | options
        with self._lock:
            if self._ended:
                raise Ended(command[0])
            process = subprocess.Popen(command, **options)
            self._running.add(process)
        try:
            yield process
        finally:
            with self._lock:
                self._running.discard(process)
            _end(process)


def _end(process: subprocess.Popen) -> None:
    """See to it that a process is gone; a kernel that it started sees so within a second, and goes too."""
    process.terminate()  # nothing, where it has ended
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(GRACE)
    process.kill()
    process.wait()
    for pipe in filter(None, (process.stdout, process.stderr)):
        pipe.close()
