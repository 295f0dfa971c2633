"""The one implementation of `port`, over a Driver. Bodies are the JSON of domain Structs; keys and versions are columns.

One module per Protocol of the port; `unit` puts them together, `rows` is what they share.
"""

from checkstand.storage.sql.unit import SqlUnit, Storage

__all__ = ["SqlUnit", "Storage"]
