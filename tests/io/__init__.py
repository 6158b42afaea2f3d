"""Tests of cfgui.io."""
