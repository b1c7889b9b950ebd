"""Diffusion models on this machine: local folders in the diffusers layout, run in child processes."""
