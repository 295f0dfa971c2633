"""The rules of a checkout: pure functions over frozen values, with no clock, randomness or I/O."""
