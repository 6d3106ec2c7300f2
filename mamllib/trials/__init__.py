"""The user's functions are tried before they are believed.

``examine`` reads the functions and runs nothing; ``try_family`` tries their numbers near a point.
"""

from mamllib.trials.derivatives import derivative_rooms
from mamllib.trials.drawing import drawing_rooms
from mamllib.trials.fingerprint import ChangingFunctionError, fingerprint, require_deterministic
from mamllib.trials.fresh import fresh
from mamllib.trials.precision import require_double, require_x64
from mamllib.trials.programs import current
from mamllib.trials.rooms import examine, try_family
from mamllib.trials.samples import sample_rooms

__all__ = [
    "ChangingFunctionError",
    "current",
    "derivative_rooms",
    "drawing_rooms",
    "examine",
    "fingerprint",
    "fresh",
    "require_deterministic",
    "require_double",
    "require_x64",
    "sample_rooms",
    "try_family",
]
