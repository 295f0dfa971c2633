"""Management REST: `/stores/{store_hash}/v3` and `/v2`, snake_case, `X-Auth-Token`."""
