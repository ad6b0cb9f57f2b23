"""Floor 0: what every other room stands on and what stands on nothing."""
