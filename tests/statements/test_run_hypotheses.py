"""What the proof uses of a run is measured at every step of every seed; a label stands for nothing."""

import importlib
from dataclasses import replace
from fractions import Fraction as Q

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import mamllib as ml
from mamllib import tree
from mamllib.statements.fallah2020.convergence import instances
from mamllib.statements.fallah2020.convergence.run import Recording, watched
from mamllib.tasks.task import register

RUN = importlib.import_module("mamllib.statements.fallah2020.convergence.run")
OF = {"MAML": "theorem_4_12", "FO-MAML": "theorem_4_15", "HF-MAML": "theorem_4_17_repair"}
ONE_ROW, TWO_ROWS = {"x": np.ones(1)}, {"x": np.array([1.0, -1.0])}


def run(loss, algorithm="MAML", start=1.0, iterations=8, rows=ONE_ROW, displacement=None, **constants):
    """A run on one task of the reader's, with L = 1 and no noise where nothing else is declared."""
    declared = ml.Constants(1.0, 0.0, 0.0, 0.0)._replace(**constants)
    family = ml.TaskFamily.of([ml.Empirical(rows, declared, loss)], sigma=0.0)
    sizes = ml.BatchSizes(1, 1, 1)
    setting = ml.Setting.of(algorithm, family, 0.1, np.array([start]), 20, sizes, 50.0, 0.1, displacement=displacement)
    return ml.run(setting, iterations, 4)


def unmet(checked, statement=None) -> set[str]:
    check = ml.statement(statement or OF[checked.setting.algorithm]).check(checked)
    names = {name for name, hypothesis in check.hypotheses.items() if not hypothesis.met}
    assert (check.verdict == ml.Verdict.SILENT) == bool(names)
    return names


def bump(w, at):
    """A gradient of height 1 within a few hundredths of ``at``."""
    return 0.01 * jnp.sqrt(jnp.pi) * jax.scipy.special.erf((w - at) / 0.02)


def parabola(w, row):
    return w[0] ** 2 / 2


def kink_ahead(w, row):
    """w goes from 1 to 0.87; w⁺ = 0.9w − 0.005 alone passes 0.83."""
    return w[0] ** 2 / 2 + 0.05 * jnp.abs(w[0] - 0.83)


def bent_at_the_end_of_the_probe(w, row):
    return w[0] ** 2 / 4 + 3 * jax.nn.relu(w[0] - 1.5) ** 2


def noise_after_the_inner_step(w, row):
    return w[0] ** 2 / 2 + row["x"] * bump(w[0], 0.9)


def noise_at_the_end_of_the_probe(w, row):
    return w[0] ** 2 / 2 + row["x"] * bump(w[0], 2.0)


def noise_of_the_hessian(w, row):
    return w[0] ** 2 / 2 + row["x"] * (w[0] - 1) ** 2


def undefined_below(w, row):
    return w[0] ** 2 / 2 + jnp.where(w[0] < 0.95, jnp.sqrt(w[0] - 0.95), 0.0)


L, RHO, SIGMA_TILDE = "f_i is L-smooth", "Hessian is ρ-Lipschitz", "sample deviation ≤ σ̃"
SIGMA_H = "sample Hessian deviation ≤ σ_H"
NOISY = {"rows": TWO_ROWS, "iterations": 1}


@pytest.mark.parametrize(
    ("hypothesis", "loss", "options"),
    [
        (L, kink_ahead, {}),
        (RHO, bent_at_the_end_of_the_probe, {"algorithm": "HF-MAML", "displacement": 1.0, "rho": 0.01}),
        (SIGMA_TILDE, noise_after_the_inner_step, NOISY | {"sigma_tilde": 1e-3, "sigma_H": 1e3, "L": 1e3, "rho": 1e6}),
        (SIGMA_H, noise_of_the_hessian, NOISY | {"sigma_tilde": 9.0, "sigma_H": 0.01}),
        (
            SIGMA_H,
            noise_at_the_end_of_the_probe,
            NOISY | {"algorithm": "HF-MAML", "displacement": 1.0, "sigma_tilde": 9.0, "sigma_H": 0.01},
        ),
        (L, undefined_below, {}),
    ],
)
def test_what_fails_where_the_proof_looks_silences_the_theorem(hypothesis, loss, options):
    assert hypothesis in unmet(run(loss, **options))


@pytest.mark.parametrize("algorithm", OF)
def test_a_sound_task_is_spoken_of(algorithm):
    assert unmet(run(parabola, algorithm)) == set()


def test_what_hf_maml_alone_looks_at_does_not_silence_maml():
    assert unmet(run(bent_at_the_end_of_the_probe, rho=0.01)) == set()


@register
class Biased(ml.Task):
    """w²/2 whose samples are too steep just after the inner step from 1."""

    nothing: float
    constants = property(lambda self: ml.Constants(1e3, 1e6, 1.0, 1e3))

    def loss(self, w):
        return jnp.sum(w**2) / 2

    def sample_gradient(self, w, theta):
        return self.gradient(w) + 0.1 * jnp.exp(-(((w - 0.9) / 0.02) ** 2))


def test_samples_that_are_biased_after_the_inner_step_alone():
    setting = ml.Setting.of(
        "MAML", ml.TaskFamily.of([Biased(0.0)], sigma=0.0), 0.1, np.array([1.0]), 20, ml.BatchSizes(1, 1, 1), 50.0, 0.1
    )
    assert "samples are unbiased" in unmet(ml.run(setting, 1, 4))


def drifting(seeds, wall):
    """Two parabolas at ±1 whose curvature is 11 beyond ``wall``, followed from 0."""

    def loss(w, row):
        return (w[0] - row["c"]) ** 2 / 2 + 5 * jax.nn.relu(w[0] - row["wall"]) ** 2

    rows = [{"c": np.array([centre]), "wall": np.array([wall])} for centre in (1.0, -1.0)]
    tasks = [ml.Empirical(row, ml.Constants(1.0, 0.0, 0.0, 0.0), loss) for row in rows]
    family = ml.TaskFamily.of(tasks, sigma=1.0)
    setting = ml.Setting.of("MAML", family, 0.1, np.array([0.01]), 20, ml.BatchSizes(1, 1, 1), 50.0, 0.1)
    return ml.Run(setting, Recording(setting, 60, tuple(seeds)))


def test_one_bad_seed_silences_the_theorem():
    farthest = {seed: _largest_w(seed) for seed in range(12)}
    *others, second, first = sorted(farthest, key=farthest.get)
    wall = 0.9 * (farthest[first] + farthest[second]) / 2 + 0.1  # where the inner step of task 1 from there ends
    assert L not in unmet(drifting(others, wall))
    assert L in unmet(drifting([*others, first], wall))


def _largest_w(seed):
    """|∇F| = 0.81 |w| before the wall; w itself where it is positive is no more."""
    return float(drifting([seed], 99.0).gradient_norms.max() / 0.81)


def test_the_lowest_loss_of_all_iterates_counts():
    parabolas = instances.two_centres(0, "MAML", 0.5, 0.1, seeds=4)
    squares = parabolas.gradient_norms**2
    fall = (squares[0, 0] - squares.min()) / (2 * (1 - 1 / 6) ** 2)

    def with_gap(gap):
        return unmet(replace(parabolas, setting=replace(parabolas.setting, gap=float(gap))))

    assert with_gap(0.99 * fall) == {"F(w₀) − min F ≤ Δ"}
    assert with_gap(1.01 * fall) == set()


def reptile(task, alpha, w, batches):
    end = ml.inner_step(task, alpha, ml.inner_step(task, alpha, w))
    return tree.scale(1 / alpha, tree.subtract(w, end))


@pytest.mark.parametrize(
    ("changes", "hypothesis"),
    [
        ({"estimator": reptile}, "the algorithm is MAML"),
        ({"estimator": ml.fo_maml}, "the algorithm is MAML"),
        ({"outer": ml.adam(1e-3)}, "β_k = β̃/12"),
        ({"outer": ml.descent(ml.EstimatedStep(1 / 6, 1, 1))}, "β_k = β̃/12"),
    ],
)
def test_another_estimator_or_outer_step_is_told_by_what_it_does(monkeypatch, changes, hypothesis):
    own = RUN.algorithm_of
    monkeypatch.setattr(RUN, "algorithm_of", lambda setting: replace(own(setting), **changes))
    assert hypothesis in unmet(run(parabola))


@pytest.mark.parametrize("statement", OF.values())
def test_a_label_changed_after_the_run_silences_every_theorem(statement):
    ran = run(parabola)
    for label in ("FO-MAML", "HF-MAML"):
        relabelled = replace(ran, setting=replace(ran.setting, algorithm=label, fraction=1 / 18))
        assert "it was run as set" in unmet(relabelled, statement)


def test_a_run_is_made_by_run_alone():
    ran = run(parabola)
    with pytest.raises(TypeError, match=r"made by run\(setting, iterations, seeds\) alone"):
        ml.Run(ran.setting, ran.gradient_norms, np.ones((4, 1)))
    with pytest.raises(TypeError, match="made by run"):
        replace(ran, recording=ran.gradient_norms)


def test_in_fractions_every_step_is_measured_exactly():
    exact = instances.one_quadratic("MAML")
    assert exact.assumed.values["L"] == 1
    assert exact.assumed.values["rho"] == exact.assumed.values["sigma_tilde"] == 0
    understated = replace(exact.setting, constants=exact.constants._replace(L=1 - Q(1, 10**9)))
    assert L in unmet(replace(exact, setting=understated))


def test_watching_changes_nothing():
    ran = run(parabola)
    plain = ran.gradient_norms
    assert "met" not in ran.recording.__dict__
    np.testing.assert_allclose(ran.recording.met.gradient_norms, plain, rtol=1e-12)
    assert watched(RUN.algorithm_of(ran.setting), ran.setting).watch is not None


@pytest.mark.parametrize("name", ["sigma_tilde", "sigma_H", "sigma"])
def test_a_constant_that_does_not_exist_is_no_hypothesis_met(name):
    setting = run(parabola).setting
    endless = {"sigma": np.inf} if name == "sigma" else {"constants": setting.constants._replace(**{name: np.inf})}
    assert "σ, σ̃ and σ_H are finite" in unmet(ml.run(replace(setting, **endless), 3, 4))


def test_without_curvature_no_step_is_defined():
    setting = run(parabola).setting
    with pytest.raises(ValueError, match=r"constants.L = 0 is not allowed in a run"):
        ml.run(replace(setting, constants=setting.constants._replace(L=0.0)), 3)


@pytest.mark.parametrize(("name", "counts"), [("iterations", (0, 4)), ("seeds", (3, 0))])
def test_counts_are_counts(name, counts):
    with pytest.raises(ValueError, match=name):
        ml.run(run(parabola).setting, *counts)
