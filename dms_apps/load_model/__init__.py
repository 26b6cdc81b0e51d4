"""The load model: what customers draw, by class and day, and what each load draws at a moment."""
