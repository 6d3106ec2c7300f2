"""One step over tasks of unequal size, 5 to 50 rows: ``mamllib``'s padding beside what others do.

    pip install --group peers  # PyTorch; pip >= 25.1
    python -m benchmarks.unequal [--rounds 8]

All in float64: the meta-gradient of one inner step on all rows of each of 16 sinusoids, and a step along it. Weights
after three steps agree to 1e-4 of what the steps changed, with a loop over tasks of their own sizes, before a time is
believed. The results lie in ``mamllib/measured/unequal.csv``: a row is a way, in seconds a step.
"""
