"""Two-layer networks: features against automatic differentiation, the kernel against its closed-form limit."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from mamllib.tasks import two_layer as layer

X = layer.sphere(jax.random.key(0), 12, 4)


@pytest.fixture(scope="module")
def net():
    return layer.two_layer(jax.random.key(1), 50, 4)


def test_the_network_is_its_own_tangent(net):
    np.testing.assert_allclose(layer.tangent_product(net, net.start, net.start, X), layer.network(net, net.start, X))


def test_the_features_are_the_derivative(net):
    V = jax.random.normal(jax.random.key(2), net.start.shape)
    _, slope = jax.jvp(lambda W: layer.network(net, W, X), (net.start,), (V,))
    np.testing.assert_allclose(layer.tangent_product(net, net.start, V, X), slope, rtol=1e-12)


def test_the_adjoint_is_the_gradient(net):
    a = jax.random.normal(jax.random.key(3), (len(X),))
    gradient = jax.grad(lambda W: a @ layer.network(net, W, X))(net.start)
    np.testing.assert_allclose(layer.tangent_adjoint(net, net.start, a, X), gradient, rtol=1e-12, atol=1e-14)


def test_the_kernel_is_the_product_of_features(net):
    features = jax.jacrev(lambda W: layer.network(net, W, X))(net.start).reshape(len(X), -1)
    np.testing.assert_allclose(layer.tangent_kernel(net, net.start, X), features @ features.T, rtol=1e-12)


def kernel_error(m, draws=16):
    """Root mean square distance of the finite-width kernel from its limit."""
    nets = (layer.two_layer(jax.random.key(k), m, 4) for k in range(draws))
    errors = [layer.tangent_kernel(net, net.start, X) - layer.arc_cosine_kernel(X) for net in nets]
    return float(jnp.sqrt(jnp.mean(jnp.stack(errors) ** 2)))


def test_the_finite_kernel_approaches_the_arc_cosine_kernel_like_one_over_root_m():
    small, large = kernel_error(64), kernel_error(4096)
    assert np.log(small / large) / np.log(64) == pytest.approx(0.5, abs=0.06)


def test_the_arc_cosine_kernel_does_not_depend_on_norms_but_through_the_product():
    scaled = 0.5 * X
    np.testing.assert_allclose(layer.arc_cosine_kernel(scaled), 0.25 * layer.arc_cosine_kernel(X), rtol=1e-12)
    np.testing.assert_allclose(jnp.diag(layer.arc_cosine_kernel(X)), 0.5)


def test_one_coordinate_of_the_sphere_in_three_dimensions_is_uniform():
    heights = np.asarray(layer.sphere(jax.random.key(4), 20_000, 3)[:, 0])
    for xi in (0.1, 0.5, 0.9):
        share = np.mean(np.abs(heights) <= xi)
        assert abs(share - xi) < 4 * np.sqrt(xi * (1 - xi) / len(heights))


def test_digits_lie_on_the_sphere():
    x, classes = layer.digits_on_sphere(30)
    np.testing.assert_allclose(jnp.linalg.norm(x, axis=1), 1.0)
    assert x.shape == (30, 64)
    assert set(classes) <= set(range(10))


@pytest.mark.parametrize(("m", "d"), [(0, 3), (4, 0)])
def test_sizes_below_one_are_refused(m, d):
    with pytest.raises(ValueError, match="= 0 is not allowed"):
        layer.two_layer(jax.random.key(0), m, d)
