"""What a chapter runs on."""

import importlib.metadata

import jax


def describe_environment() -> str:
    """Version, precision and device, in one line."""
    precision = "float64" if jax.config.jax_enable_x64 else "float32"
    return f"mamllib {importlib.metadata.version('mamllib')}, {precision}, {jax.default_backend()}"
