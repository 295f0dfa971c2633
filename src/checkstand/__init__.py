"""Checkstand: the checkout of an online shop as a server of its own."""

__version__ = "0.1.0"
