"""One claiming loop, and one task per kind of due row."""
