"""The panel: the same questions and steps, with the day, the package and kcngeo in view."""
