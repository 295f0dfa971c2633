"""Use cases: everything around a pure decision. `commands.change` is the one way a checkout changes."""
