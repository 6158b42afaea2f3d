"""The program without a window: session, edits, runs and explanations."""
