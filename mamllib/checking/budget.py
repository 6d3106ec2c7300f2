"""How long a claim about a process must be watched before it can come out false, and how long it was."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Budget:
    """``needed`` iterations are promised to suffice; ``recorded`` are there to see."""

    needed: float
    recorded: int

    @property
    def illustration(self) -> str:
        """Why nothing recorded could have refuted the claim; empty where something could."""
        if self.needed < 1:
            return "decided at the start: N < 1"
        return "recorded for fewer than N iterations" if self.recorded < self.needed else ""
