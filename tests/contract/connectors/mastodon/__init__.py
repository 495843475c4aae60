"""Mastodon under the connector contract."""
