"""Figures: drawings given bodies, swollen into reliefs, lit as the place is lit, and the shadows they cast."""
