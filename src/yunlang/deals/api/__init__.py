"""Introductions for programs."""
