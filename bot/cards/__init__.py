"""One message before any chat is chosen: spans, cards, actions, and the views that build them."""
