"""What Theorems 4.12, 4.15 and 4.17 share: settings, recorded runs, rates with their proof, hypotheses, both sides."""

from mamllib.statements.fallah2020.convergence import instances, slopes
from mamllib.statements.fallah2020.convergence.large_batch import (
    large_batch_direction,
    large_batch_path,
    stationary_point,
)
from mamllib.statements.fallah2020.convergence.rate import FO_MAML, HF_MAML, HF_MAML_PRINTED_PROBE, MAML, Rate
from mamllib.statements.fallah2020.convergence.run import Run, run
from mamllib.statements.fallah2020.convergence.setting import (
    Setting,
    printed_displacement,
    repaired_displacement,
    step_batches,
)
