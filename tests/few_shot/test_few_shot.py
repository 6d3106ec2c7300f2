"""The protocol on invented characters: what a task holds, what is trained, and what may be looked at when."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from mamllib import objectives
from mamllib.few_shot import ARMS, Characters, measure
from mamllib.few_shot.accuracy import accuracies, nearest_neighbour
from mamllib.few_shot.arms import ALPHA, INNER_STEPS, drawings, in_order, maml, split_task, trained
from mamllib.few_shot.network import logits, start, with_new_head
from mamllib.few_shot.protocol import STEP_SIZES
from mamllib.few_shot.sampling import QUERIES, SHOTS, WAYS, Tasks, tasks

BY_NAME = {arm.name: arm for arm in ARMS}
MAML = BY_NAME["MAML, half hard"]


def drawn(characters, p_hard, count=400):
    return tasks(np.random.default_rng(1), characters, count, p_hard)


def alphabets(characters, asked):
    return [np.unique(characters.alphabet[classes], return_counts=True) for classes in asked.classes]


def test_a_hard_task_is_of_one_alphabet(invented):
    assert all(len(found) == 1 for found, _ in alphabets(invented, drawn(invented, 1.0)))


def test_an_easy_task_is_of_as_many_as_there_are(invented):
    for found, counts in alphabets(invented, drawn(invented, 0.0)):
        assert len(found) == 3
        assert counts.max() == 2


@pytest.mark.parametrize("p_hard", [0.0, 1.0])
def test_classes_and_drawings_of_a_task_differ(invented, p_hard):
    """Support and query share no image."""
    asked = drawn(invented, p_hard)
    assert asked.drawers.shape == (400, WAYS, SHOTS + QUERIES)
    assert all(len(set(row)) == WAYS for row in asked.classes)
    assert all(len(set(row)) == SHOTS + QUERIES for row in asked.drawers.reshape(-1, SHOTS + QUERIES))


def test_every_class_and_every_label_occurs(invented):
    asked = drawn(invented, 1.0)
    assert set(asked.classes.ravel()) == set(range(len(invented.images)))
    assert all(len(set(column)) == len(invented.images) for column in asked.classes.T)


def test_labels_in_order_keep_every_drawing_with_its_class(invented):
    asked = drawn(invented, 0.5)
    ordered = in_order(asked)
    assert np.all(np.diff(ordered.classes, axis=1) > 0)
    for before, after in zip(zip(*asked, strict=True), zip(*ordered, strict=True), strict=True):
        pairs = [{(c, tuple(d)) for c, d in zip(*each, strict=True)} for each in (before, after)]
        assert pairs[0] == pairs[1]


def test_the_direction_is_the_gradient_of_the_adapted_loss(invented):
    """In double precision, against automatic differentiation through the inner steps."""
    batch = jax.tree.map(jnp.asarray, drawn(invented, 0.5, 3))
    images, labels, classes = drawings(jnp.asarray(invented.images, float), batch)
    w = jax.tree.map(lambda leaf: leaf.astype(float), start(0, WAYS))
    w = w._replace(head=0.1 * jax.random.normal(jax.random.key(1), w.head.shape))

    def adapted(w, image, label):
        task = split_task(image, label)
        return task.outer.loss(objectives.inner_path(task.inner, ALPHA, w, INNER_STEPS)[-1])

    slow = jax.grad(lambda w: jnp.mean(jnp.stack([adapted(w, *pair) for pair in zip(images, labels, strict=True)])))(w)
    for one, other in zip(jax.tree.leaves(maml(w, images, labels, classes)), jax.tree.leaves(slow), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("arm", ARMS, ids=lambda arm: arm.name)
def test_every_arm_trains_in_single_precision_and_ends_with_five_labels(invented, arm):
    w = trained(arm, invented, 0, iterations=3)
    assert {leaf.dtype for leaf in jax.tree.leaves(w)} == {jnp.dtype("float32")}
    assert w.head.shape[1] == WAYS
    assert all(np.all(np.isfinite(leaf)) for leaf in jax.tree.leaves(w))


def test_arms_of_one_seed_start_alike(invented):
    first = [trained(arm, invented, 4, iterations=0).first for arm in ARMS]
    assert all(np.array_equal(each, first[0]) for each in first)
    assert not np.array_equal(first[0], start(5, WAYS).first)


def test_a_new_head_says_nothing(invented):
    w = with_new_head(trained(MAML, invented, 0, iterations=3), WAYS)
    assert not np.any(logits(w, jnp.asarray(invented.images[0])))


def test_maml_learns_to_tell_patterns_apart(invented):
    asked = drawn(invented, 0.5)
    before, after = (accuracies(trained(MAML, invented, 0, n), invented, asked, 0.1).mean() for n in (0, 60))
    assert after > max(before, 1 / WAYS) + 0.1


def test_without_a_step_permuted_labels_cannot_be_known(invented):
    shares = accuracies(trained(MAML, invented, 0, 30), invented, drawn(invented, 0.5), 0.1, steps=0)
    assert abs(shares.mean() - 1 / WAYS) < 0.05


def test_queries_that_are_the_support_are_seen(invented):
    """The wrong protocol that asks for the images it was shown: even without training nearly all are known."""
    asked = drawn(invented, 0.5)
    shown = Tasks(asked.classes, np.repeat(asked.drawers[..., :1], SHOTS + QUERIES, axis=-1))
    w = trained(BY_NAME["no training"], invented, 0)
    assert accuracies(w, invented, shown, 0.3).mean() > 0.99 > accuracies(w, invented, asked, 0.3).mean()


def noise_of(characters: Characters, seed: int) -> Characters:
    """The same classes with images that tell nothing."""
    rng = np.random.default_rng(seed)
    return characters._replace(images=rng.normal(size=characters.images.shape).astype(np.float32))


def test_the_step_size_is_chosen_without_the_test_set(invented):
    measured = [measure(MAML, invented, noise_of(invented, seed), 0, iterations=20) for seed in range(2)]
    assert measured[0].step == measured[1].step == measure(MAML, invented, invented, 0, iterations=20).step
    assert measured[0].step in STEP_SIZES
    assert max(measured[0].easy, measured[0].hard) < 0.25


def test_the_nearest_pattern(invented):
    assert nearest_neighbour(invented, drawn(invented, 0.5)).mean() > 0.5
    assert abs(nearest_neighbour(noise_of(invented, 0), drawn(invented, 0.5)).mean() - 1 / WAYS) < 0.05
