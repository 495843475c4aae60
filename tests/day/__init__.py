"""A recorded day on the desk: a thousand comments, the people who work through them, the judge.

`shapes` says what comes and how much of it, `generator` makes a day of a seed, `house` is the desk
with its sandbox network, Slack and Telegram, `people` work in them, `replay` lets the day pass and
`judging` counts. `python -m tests.day` prints what came of it.
"""
