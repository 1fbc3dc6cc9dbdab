"""How well are messages understood? Measured per language on sentences that nothing was trained on or tuned to."""
