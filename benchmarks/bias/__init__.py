"""The bias of Lemma 4.10, ‖E∇f(w̃) − ∇f(w⁺)‖, by Monte Carlo: ``mamllib``'s stream beside NumPy's and PyTorch's.

    pip install --group peers  # PyTorch; pip >= 25.1
    python -m benchmarks.bias [--rounds 8]

A way is as good as the time in which its standard error falls to a given size: variance of a draw × seconds a draw.
``mamllib.stream`` adds +α∇²f(w⁺)ξ, of mean zero, to each draw. Before a time is believed the draws of given batches
agree to 1e-4, and the means within their standard errors. The results lie in ``mamllib/measured/bias.csv``: a row is a
way at one α; ``to_one_percent`` is how long it draws until the standard error is 1 % of the bias, and ``memory_…`` how
far the memory of a process rises, in MiB, over so many draws.
"""
