"""The errors that tell a reader which argument is wrong."""


class PrecisionError(TypeError):
    """An array is float32 where float64 is promised, or a float stands among fractions."""


class ShapeError(ValueError):
    """Two parameter trees that must match do not, or a task does not take parameters of this shape."""


class LossError(ShapeError):
    """The loss that a user gave raises an error, or gives no number, at parameters of this shape."""


class DirectionError(ShapeError):
    """The function that a user asks about raises an error, or what it returns is no direction."""
