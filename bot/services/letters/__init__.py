"""The letter table: how often each sequence of letters occurs in each language.

`table.zip` is made from the model of py3langid by `scripts/letter_table.py`; LICENSE is its own.
"""
