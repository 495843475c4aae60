"""Slack: cards in channels, modals, App Home, shortcuts and a slash command.

Importing this package imports nothing: `handlers.slack.connecting` is what bootstrap loads where
`[slack]` is configured, and with it the libraries of Slack.
"""
