"""Text only: cue packs, reply templates and prompts, read through importlib.resources."""
