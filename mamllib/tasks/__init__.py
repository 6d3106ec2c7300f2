"""Loss families with constants known in closed form or proved, one family a file."""

from mamllib.tasks.broken_line import BrokenLine
from mamllib.tasks.bump_noise import BumpNoise, SkewedBumpNoise
from mamllib.tasks.curvature_noise import CurvatureNoise, GaussianNoise, SinusoidalNoise
from mamllib.tasks.digits import digit_pair, digit_pairs
from mamllib.tasks.empirical import Empirical
from mamllib.tasks.family import TaskFamily
from mamllib.tasks.knotted_noise import KnottedNoise
from mamllib.tasks.linear_regression import LinearRegression
from mamllib.tasks.logistic import Logistic, gaussian_logistic, logistic_sigma
from mamllib.tasks.noise import AtomicNoise, Noise, Noisy, RademacherNoise
from mamllib.tasks.piecewise import EvenRamp, OddRamp, SmoothedAbsolute, TriangularWave
from mamllib.tasks.pseudo_huber import PseudoHuber
from mamllib.tasks.quadratic import Quadratic, quadratic_family
from mamllib.tasks.ramp_and_parabola import RampAndParabola
from mamllib.tasks.saturating import Saturating
from mamllib.tasks.sinusoid import Sinusoid, init_network, sinusoid_family
from mamllib.tasks.split import Split
from mamllib.tasks.task import Batch, Constants, Task
from mamllib.tasks.trigonometric import Trigonometric, trigonometric_family

__all__ = [
    "AtomicNoise",
    "Batch",
    "BrokenLine",
    "BumpNoise",
    "Constants",
    "CurvatureNoise",
    "Empirical",
    "EvenRamp",
    "GaussianNoise",
    "KnottedNoise",
    "LinearRegression",
    "Logistic",
    "Noise",
    "Noisy",
    "OddRamp",
    "PseudoHuber",
    "Quadratic",
    "RademacherNoise",
    "RampAndParabola",
    "Saturating",
    "Sinusoid",
    "SinusoidalNoise",
    "SkewedBumpNoise",
    "SmoothedAbsolute",
    "Split",
    "Task",
    "TaskFamily",
    "TriangularWave",
    "Trigonometric",
    "digit_pair",
    "digit_pairs",
    "gaussian_logistic",
    "init_network",
    "logistic_sigma",
    "quadratic_family",
    "sinusoid_family",
    "trigonometric_family",
]
