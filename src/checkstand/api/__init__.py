"""The surfaces: the published APIs over one engine. `http` carries requests, `projection` is what all surfaces show."""
