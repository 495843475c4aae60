"""Bluesky under contract: recorded fixtures, a fake data server and a checker of lexicons."""
