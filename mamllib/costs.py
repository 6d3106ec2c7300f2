"""How many programs are compiled, and how long that takes: the unit of what a statement costs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import jax

from mamllib.report import Table

COMPILED = "/jax/core/compile/backend_compile_duration"


@dataclass
class Costs:
    """Programs compiled for each statement, by id; what is compiled for several counts where it is first needed."""

    programs: dict[str, int] = field(default_factory=dict)
    compiled: int = 0

    def wrap(self, progress: Callable) -> Callable:
        """``progress`` around a list of statements, counting as it goes."""

        def counting(statements):
            for statement in progress(statements):
                before = self.compiled
                yield statement
                self.programs[statement.id] = self.compiled - before

        return counting

    def table(self) -> Table:
        """A row a statement, and the sum."""
        rows = [(name, str(count)) for name, count in self.programs.items()]
        return Table(("statement", "programs compiled"), [*rows, ("all", str(sum(self.programs.values())))])


@contextmanager
def counted() -> Iterator[Costs]:
    """Counts every program that JAX compiles, or finds in its cache on disk, inside."""
    costs = Costs()

    def count(event: str, duration: float, **_):
        costs.compiled += event == COMPILED

    jax.monitoring.register_event_duration_secs_listener(count)
    try:
        yield costs
    finally:
        _forget(count)


def _forget(listener) -> None:
    """Stop listening; JAX 0.7 cannot, and the listener then counts to itself."""
    getattr(jax.monitoring, "unregister_event_duration_listener", lambda _: None)(listener)
