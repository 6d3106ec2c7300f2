"""Meta-training as others do it, a peer a file, beside ``mamllib.train``: same start, same data in the same order.

    pip install --group peers  # PyTorch; pip >= 25.1
    python -m benchmarks.peers [--rounds 6] [--work sin1 sin5 cls1 cls5] [--cores one|all]

Peers in PyTorch are left out where it is not installed. The results lie in ``mamllib/measured/peers.csv``; a row is a
peer at one work on one core (one thread each) or on all, in seconds an outer step, and its ratio is to
``mamllib.train`` in the same rounds. Rows of other works, and of as many cores as were not asked for, stay.
"""
