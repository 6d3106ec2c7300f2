"""Where samples θ come from: a finite support, uniform numbers, or a key."""

import jax
import numpy as np

from mamllib import arithmetic
from mamllib.uniforms import NUMBERS_A_KEY, choice_from, index_from, is_key, key_from, uniforms


class Samples:
    """Something with samples θ. A subclass gives one of ``support``, ``sample_from``, ``sample``; the others follow.

    ``sample(key, size)`` alone always serves. ``sample_from(numbers, size)`` compiles several times faster, since all
    the numbers of an iteration are then drawn in one call.
    """

    def support(self):
        """All θ along a leading axis where they are finitely many, else ``None``."""
        return None

    def chances(self):
        """The probability of each θ of the support; ``None``: they are equally likely."""
        return None

    def numbers_read(self, size: int) -> int:
        """How many uniform numbers ``sample_from`` makes ``size`` samples of: one each."""
        return size

    def sample_from(self, numbers, size: int):
        """``size`` independent θ, made of ``numbers_read(size)`` independent numbers from U(0, 1)."""
        return _atoms(self.support(), self.chances(), numbers[:size])

    def sample(self, key, size: int):
        """``size`` independent θ along a leading axis."""
        return self.sample_from(uniforms(key, self.numbers_read(size)), size)


def samples_read(samples: Samples, size: int) -> int:
    """How many uniform numbers ``samples_from`` makes ``size`` samples of."""
    return NUMBERS_A_KEY if has_own_sample(type(samples)) else samples.numbers_read(size)


def samples_from(samples: Samples, source, size: int):
    """``size`` independent θ from a key or from uniform numbers, by whichever of its two ways the class wrote last."""
    if has_own_sample(type(samples)):
        return samples.sample(source if is_key(source) else key_from(source), size)
    return samples.sample_from(uniforms(source, samples.numbers_read(size)), size)


def has_own_sample(cls: type) -> bool:
    """Whether ``sample`` says what the law is: where it was written later than, or beside, ``sample_from``."""
    written = ({"sample", "sample_from"} & vars(base).keys() for base in cls.__mro__ if base is not Samples)
    return "sample" in next(filter(None, written), ())


def _atoms(support, chances, numbers):
    if arithmetic.is_exact(support):
        support = np.asarray(support, dtype=float)
    count = np.shape(jax.tree.leaves(support)[0])[0]
    if arithmetic.is_exact(chances):
        chances = np.asarray(chances, dtype=float)
    equal = chances is None
    index = index_from(numbers, count) if equal else choice_from(numbers, arithmetic.as_array(chances))
    return jax.tree.map(lambda leaf: arithmetic.as_array(leaf)[index], support)
