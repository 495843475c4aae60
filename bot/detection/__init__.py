"""Numbers in, a judgement out: whether what is said of a brand rises, grows or repeats itself.

Pure and streaming: nothing here waits, reads or writes, and nothing of ours is imported. What a
detector knows is a small dictionary of numbers that does not grow; one that is loaded from what
another dumped judges the same bits. Parameters were chosen on public data, and what was tried and
dropped is in docs/adr/0030-what-wakes-you.md.
"""
