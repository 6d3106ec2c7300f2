"""A right side that is a sum, so that a wrong version without one of its terms can be made."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Sum:
    """instance ↦ the sum of ``terms`` of it."""

    terms: tuple[Callable, ...]

    def __call__(self, instance):
        """The sum."""
        first, *others = (term(instance) for term in self.terms)
        return sum(others, first)


def total(*terms: Callable) -> Sum:
    """The sum of these functions of an instance."""
    return Sum(terms)
