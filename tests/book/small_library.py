"""A library of the shapes that ours has, small enough to be executed after every edit, and texts that use it."""

LIBRARY = {
    "mamllib/__init__.py": '''
"""The door: names handed out, some of them found."""
from mamllib import arithmetic, measured
from mamllib.checking.statement import Statement, case
from mamllib.ledger import STATEMENTS, statement
from mamllib.report import report
from mamllib.statements import register
from mamllib.tasks import *  # noqa

globals().update(register.questions())
''',
    "mamllib/precision.py": '"""Set once."""\nimport decimal\n\ndecimal.getcontext().prec = 12\n',
    "mamllib/arithmetic.py": '''
"""Numbers."""
from functools import cache, singledispatch

from mamllib import precision

BOUND = 100
STEPS = [1, 2, 4]


@cache
def powers(base: int = 2, count: int = 4) -> tuple:
    """base, base², …"""
    result = []
    for exponent in range(1, count + 1):
        result.append(base**exponent)
    return tuple(result)


def clipped(x):
    """x, but at most BOUND."""
    if x > BOUND:
        excess = x - BOUND
        return BOUND + excess / 10
    return x


def mean(values):
    """The mean."""
    total = 0
    count = 0
    for value in values:
        total = total + value
        count = count + 1
    return total / count


def cumulated(values):
    """Sums so far."""
    total = 0
    for value in values:
        total += value
        yield total


def never(x):
    """Nobody calls this."""
    y = 3 * x + 1
    if y > 10:
        return y - 10
    return y + 2


@singledispatch
def size(x):
    """How large."""
    return 1


@size.register
def _(x: list):
    return len(x) + 2


@size.register
def _(x: float):
    return 7 * x
''',
    "mamllib/measured.py": '''
"""Tables."""
from pathlib import Path


def load(name):
    """The numbers of a table."""
    text = (Path(__file__).parent / f"{name}.csv").read_text()
    return [float(word) for word in text.split(",")]
''',
    "mamllib/peers.csv": "1.5,2.5",
    "mamllib/other.csv": "3.5,4.5",
    "mamllib/checking/__init__.py": "",
    "mamllib/checking/statement.py": '''
"""What a statement is."""
from dataclasses import dataclass, replace
from typing import Any, Callable

RISK = 0.5


@dataclass(frozen=True)
class Case:
    """An instance."""
    name: str
    build: Callable
    arguments: tuple = ()
    expected: bool = True


def case(name, build, *arguments, expected=True):
    """An instance."""
    return Case(name, build, arguments, expected)


@dataclass(frozen=True)
class Statement:
    """lhs ≤ rhs."""
    id: str
    title: str
    takes: type
    lhs: Callable
    rhs: Callable
    cases: tuple = ()
    weight: Any = 1

    def variant(self, **fields):
        """Another."""
        return replace(self, **fields)

    def check_all(self):
        """Each case."""
        return [self.check(each) for each in self.cases]

    def check(self, known):
        """One case."""
        instance = known.build(*known.arguments)
        left, right = self.lhs(instance), self.rhs(instance)
        holds = left <= right
        return (self.title, known.name, round(left, 6), round(right, 6), holds == known.expected)

    def nearness(self):
        """How near."""
        checks = self.check_all()
        return max(left * self.weight - right for _, _, left, right, _ in checks) + RISK
''',
    "mamllib/ledger.py": '''
"""All statements."""
from mamllib.statements import register

STATEMENTS = register.all_statements()


def statement(name):
    """The one of this name."""
    for known in STATEMENTS:
        if known.id.endswith(name):
            return known
    raise LookupError(name)
''',
    "mamllib/report.py": '''
"""Words for numbers."""
WIDTH = 12
MARKS = {True: "as recorded", False: "UNEXPECTED"}


def report(checks):
    """A line a check."""
    lines = []
    for title, name, left, right, fine in checks:
        lines.append(f"{title:{WIDTH}} {name} {left} {right} {MARKS[fine]}")
    return lines


def short(checks, digits=2):
    """Fewer digits."""
    return [round(right, digits) for _, _, _, right, _ in checks]
''',
    "mamllib/tasks/__init__.py": '''
"""Tasks."""
from mamllib.tasks.quadratic import Quadratic
from mamllib.tasks.wave import Wave

__all__ = ["Quadratic", "Wave"]
''',
    "mamllib/tasks/task.py": '''
"""What a task is."""
from dataclasses import dataclass


def register(cls):
    """Make it a dataclass."""
    return dataclass(frozen=True)(cls)


class Task:
    """A loss."""
    slack = 0.25

    def slope(self, w):
        """A difference quotient."""
        h = 0.001
        return (self.loss(w + h) - self.loss(w - h)) / (2 * h)

    def room(self):
        """How much more."""
        return self.slack + 1
''',
    "mamllib/tasks/quadratic.py": '''
"""A parabola."""
from mamllib.tasks.task import Task, register


@register
class Quadratic(Task):
    """a w²/2."""
    a: float = 2.0
    centre: float = 1.0

    def loss(self, w):
        """The loss."""
        d = w - self.centre
        return self.a * d**2 / 2

    def least(self):
        """Its minimum."""
        return 0 * self.a
''',
    "mamllib/tasks/wave.py": '''
"""A wave."""
import math

from mamllib.tasks.task import Task, register

FREQUENCY = 3


@register
class Wave(Task):
    """b sin κw."""
    b: float = 0.5
    slack = 0.75

    def loss(self, w):
        """The loss."""
        return self.b * math.sin(FREQUENCY * w)
''',
    "mamllib/statements/__init__.py": "",
    "mamllib/statements/register.py": '''
"""Statements are found."""
import importlib
import pkgutil
from functools import cache

from mamllib import statements
from mamllib.checking.statement import Statement


@cache
def all_statements():
    """Each."""
    found = {}
    for info in pkgutil.walk_packages(statements.__path__, statements.__name__ + "."):
        if info.name.endswith("register"):
            continue
        for value in vars(importlib.import_module(info.name)).values():
            if isinstance(value, Statement):
                found[value.id] = value
    return tuple(sorted(found.values(), key=lambda each: each.id))


def questions():
    """What they take."""
    return {each.takes.__name__: each.takes for each in all_statements()}
''',
    "mamllib/statements/kit.py": '''
"""One import."""
from fractions import Fraction as Q

from mamllib import arithmetic
from mamllib.checking.statement import Statement, case
from mamllib.tasks import Quadratic, Wave


def double(x):
    """2x."""
    return 2 * x
''',
    "mamllib/statements/one/__init__.py": '''
"""Lemma 1."""
from mamllib.statements.kit import Q, Statement, arithmetic, case
from mamllib.statements.one import instances
from mamllib.statements.one.instances import NEAR, SHARED, SHARP
from mamllib.statements.one.question import Pairs


def change(pairs):
    """The left side."""
    first, second = pairs.both()
    return abs(first - second)


def bound(pairs, factor=2):
    """The right side."""
    stretch = 1 + pairs.alpha
    return factor * stretch**2 * arithmetic.clipped(pairs.distance) + 3


def any_bound(pairs):
    """Another right side."""
    return bound(pairs, 4) + float(NEAR)


def unused(pairs):
    """Nothing runs this."""
    return 5 * pairs.alpha - 1


LEMMA_1 = Statement(
    id="one/lemma_1",
    title="Lemma 1",
    takes=Pairs,
    lhs=change,
    rhs=bound,
    cases=(*SHARP, *SHARED, case("given", instances.of_quadratic, 3.0, 0.5)),
    weight=2,
)

LEMMA_1_ANY = LEMMA_1.variant(
    id="one/lemma_1_any",
    title="Lemma 1 for all",
    rhs=lambda pairs: any_bound(pairs) * 1.5,
    cases=SHARED,
)
''',
    "mamllib/statements/one/question.py": '''
"""Pairs."""
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Pairs:
    """Two points."""
    task: object
    w: float
    u: float
    alpha: float = 0.5
    many: int = 1

    @property
    def distance(self):
        """How far."""
        return abs(self.w - self.u) * self.many

    def both(self):
        """The slopes."""
        def at(x):
            step = self.alpha * self.task.slope(x)
            return self.task.slope(x - step)

        return [at(x) for x in (self.w, self.u)]
''',
    "mamllib/statements/one/instances.py": '''
"""Instances of Lemma 1."""
from mamllib.statements.kit import Q, Quadratic, Wave, case
from mamllib.statements.one.question import Pairs

NEAR = Q(1, 8)
FAR = (10, 20)


def of_quadratic(w=1.0, alpha=0.25):
    """On a parabola."""
    return Pairs(Quadratic(1.5), w, w + 2.0, alpha)


def of_wave(n=2):
    """On a wave."""
    return Pairs(Wave(), n + 0.5, n - 0.5)


def far():
    """Far away."""
    return Pairs(Quadratic(), *FAR)


SHARP = (case("parabola", of_quadratic), case("wave", of_wave, 3))
SHARED = (case("far", far),)
''',
    "mamllib/statements/two.py": '''
"""Theorem 2."""
from mamllib.statements.kit import Statement, Wave, arithmetic, case, double
from mamllib.statements.one import bound
from mamllib.statements.one.question import Pairs

LEVELS = [0.5, 1.5, 2.5]


class Path:
    """Levels along a path."""
    offset = 4

    def __init__(self, levels, scale=2):
        self.levels = [level * scale for level in levels]

    def sums(self):
        """Sums."""
        return list(arithmetic.cumulated(self.levels))


def height(path):
    """The left side."""
    return max(path.sums()) + Path.offset


def ceiling(path):
    """The right side."""
    roof = arithmetic.mean(path.sums())
    if roof < 0:
        return -roof
    return double(roof) + sum(arithmetic.powers(3))


THEOREM_2 = Statement(
    "two/theorem_2",
    "Theorem 2",
    Path,
    height,
    ceiling,
    cases=(case("levels", Path, LEVELS), case("one", Path, [9.0], 3)),
)
''',
    "mamllib/statements/three.py": '''
"""Corollary 3, whose sides are another's."""
from mamllib.statements.kit import case
from mamllib.statements.two import THEOREM_2, Path

SCALES = {"small": 0.5, "large": 5}
COROLLARY_3 = THEOREM_2.variant(
    id="three/corollary_3",
    title="Corollary 3",
    weight=3,
    cases=tuple(case(name, Path, [scale, 2 * scale]) for name, scale in SCALES.items()),
)
''',
}

CHAPTERS = {
    "lemma": 'import mamllib as ml\nprint(ml.report(ml.statement("lemma_1").check_all()))\n',
    "any": 'import mamllib as ml\nname = "lemma_1" + "_any"\nprint(ml.report(ml.statement(name).check_all()))\n',
    "theorem": 'import mamllib as ml\nprint(ml.statement("theorem_2").nearness(), ml.measured.load("peers"))\n',
    "corollary": 'import mamllib as ml\nfound = ml.statement("corollary_3")\nprint(found.nearness(), found.weight)\n',
    "all": "import mamllib as ml\nprint([(each.title, each.weight) for each in ml.STATEMENTS])\n",
    "own": """\
import mamllib as ml
pairs = ml.Pairs(ml.Wave(2.0), 1.0, 2.0, many=ml.arithmetic.size([1, 2]))
print(pairs.distance, pairs.both(), ml.arithmetic.size(2.5), ml.Quadratic().room(), ml.Wave().room())
print(ml.arithmetic.powers()[2], ml.arithmetic.clipped(250), ml.Quadratic(a=3.0).loss(2.0))
""",
}
