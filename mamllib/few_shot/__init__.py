"""Few-shot classification of characters, the measured part of Collins et al. (2022): data, tasks, arms, accuracies."""

from mamllib.few_shot.arms import ARMS, Arm
from mamllib.few_shot.characters import Characters, load, split
from mamllib.few_shot.protocol import measure

__all__ = ["ARMS", "Arm", "Characters", "load", "measure", "split"]
