"""Is my meta-gradient right? A function of a reader's own beside every estimator that has a name, and its slips."""

from mamllib.diagnosis.answer import Diagnosis
from mamllib.diagnosis.directions import slip_directions
from mamllib.diagnosis.door import diagnose
from mamllib.diagnosis.episodes import Episode

__all__ = ["Diagnosis", "Episode", "diagnose", "slip_directions"]
