"""The tests of replydesk."""
