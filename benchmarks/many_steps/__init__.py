"""The meta-gradient of 64 inner steps: time and memory of ``mamllib`` beside reverse mode through all of them.

    pip install --group peers  # PyTorch; pip >= 25.1
    python -m benchmarks.many_steps [--rounds 5]

The mean over four tasks of the classifier of ``benchmarks.peers``, for one point. Gradients agree to 1e-4 with those
of float64 before a time is believed. The results lie in ``mamllib/measured/many_steps.csv``: a row is a way, ``memory``
is in MiB: what the compiler plans for temporary values, or how far a process rises in its first gradient; ``first`` is
how many seconds that takes, compiling included.
"""
