"""The bias of Lemma 4.10, ‖E∇f(w̃) − ∇f(w⁺)‖, by Monte Carlo: ``mamllib``'s stream beside NumPy's and PyTorch's.

    pip install --group peers  # PyTorch; pip >= 25.1
    python -m benchmarks.bias [--rounds 8]

A way is as good as the time in which its standard error falls to a given size: variance of a draw × seconds a draw,
the variance being what the standard error of the mean says where draws are stratified. ``mamllib.stream`` subtracts two
terms of Taylor's series, less their means, from each draw and draws every row equally often. Before a time is believed
the draws of given batches agree to 1e-4, and the means within their standard errors. The results lie in
``mamllib/measured/bias.csv``: a row is a way at one α; ``to_equal_error`` is how long it draws until its standard error
is what that of ``mamllib.stream`` is after one set of all rows in each block, ``error_reached`` times the bias; and
``memory_…`` how far the memory of a process rises, in MiB, over so many draws.
"""
