"""Hypotheses measured in fractions: a Hessian is a matrix there too, its norm exact where it is diagonal."""

from fractions import Fraction as Q

import numpy as np
import pytest

import mamllib as ml
from mamllib.arithmetic import IrrationalError
from mamllib.statements import deviations, measure


def fractions(*numbers):
    return np.array([Q(number) for number in numbers], dtype=object)


class Form(ml.Task):
    """½wᵀAw in fractions, with any symmetric A."""

    def __init__(self, *rows):
        self.A = np.array([fractions(*row) for row in rows])

    def gradient(self, w):
        return self.A @ w

    def hessian_vector_product(self, w, v):
        return self.A @ v


def test_a_hessian_of_fractions_is_a_matrix():
    w = fractions(1, 2)
    hessian = measure.hessian(Form((1, 2), (2, -3)), w)
    assert hessian.tolist() == [[Q(1), Q(2)], [Q(2), Q(-3)]]
    assert measure.hessian(ml.Quadratic(Q(-3), w), w).tolist() == [[Q(-3), Q(0)], [Q(0), Q(-3)]]
    assert measure.hessian(ml.Quadratic(Q(-3), Q(0)), Q(1)) == Q(-3)


def test_the_norm_of_a_matrix_of_fractions_is_exact_where_it_is_diagonal_and_refused_elsewhere():
    w, u = fractions(1, 2), fractions(4, 6)
    assert measure.hessian_norm(ml.Quadratic(Q(-3), w), u) == Q(3)
    assert measure.hessian_norm(Form((1, 0), (0, -3)), u) == Q(3)
    assert measure.hessian_change(ml.Quadratic(Q(-3), w), w, u) == Q(0)
    with pytest.raises(IrrationalError, match="the norm of a 2×2 matrix of fractions is irrational in general"):
        measure.hessian_norm(Form((1, 2), (2, -3)), u)


def test_the_hessian_variance_of_fractions_is_the_sum_over_all_entries():
    task = ml.Noisy(ml.Quadratic(Q(1), fractions(0, 0)), ml.CurvatureNoise(Q(1, 2), fractions(0, 0)))
    assert deviations.hessian_samples(task, fractions(1, 2))[0] == 2 * Q(1, 4)
    assert deviations.hessian_samples(ml.Noisy(ml.Quadratic(Q(1), Q(0)), task.noise), Q(1))[0] == Q(1, 4)


@pytest.mark.parametrize(("sigma_H", "verdict"), [(Q(5, 7), "holds"), (Q(7, 10), "silent")])
def test_a_hessian_deviation_in_two_dimensions_is_not_taken_for_that_in_one(sigma_H, verdict):
    task = ml.Noisy(ml.Quadratic(Q(1), fractions(0, 0)), ml.CurvatureNoise(Q(1, 2), fractions(0, 0)))
    constants = ml.Constants(Q(1), Q(0), Q(5, 2), sigma_H)
    check = ml.statement("theorem_4_11").check(
        ml.Gap.of(ml.TaskFamily.of([task]), Q(1, 2), fractions(3, 4), 1, constants)
    )
    assert check.margins["sample Hessian deviation ≤ σ_H"] == 1 - Q(1, 2) / sigma_H**2
    assert check.verdict == verdict
    assert check.grade == ml.Grade.FLOAT, "a σ̃ of this point alone is measured, not proved"
