"""The window: draws the session and sends it verbs."""
