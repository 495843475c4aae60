"""What the words of the glossary mean: frozen data and state machines, no I/O, no async."""
