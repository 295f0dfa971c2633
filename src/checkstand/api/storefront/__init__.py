"""Storefront REST: `/api/storefront` on the shop's own host, camelCase, a session in cookies and a CSRF token; and the
internal endpoints under `/internalapi/v1` that official clients call besides."""
