"""Stage 6, blend: one score from all signals, what each added to it, and how sure it makes us.

`blend` weighs the signals, `gain` makes one score of chances for each grade, `confidence` turns
scores into probabilities, and `misfiled` says, apart from all that, whether a product that is
filed on the page belongs elsewhere.
"""

from ranking.pipeline.blend.blend import BASE, Blend
from ranking.pipeline.blend.confidence import UNCALIBRATED, Calibration, logistic
from ranking.pipeline.blend.features import FEATURES, features
from ranking.pipeline.blend.gain import Step
from ranking.pipeline.blend.misfiled import UNTAUGHT, Misfiled

__all__ = [
    "BASE",
    "FEATURES",
    "UNCALIBRATED",
    "UNTAUGHT",
    "Blend",
    "Calibration",
    "Misfiled",
    "Step",
    "features",
    "logistic",
]
