"""https on the own machine: a certificate and its key from a folder, made there unless somebody has put theirs.

What is made is good for this machine's own names. It is signed by an authority that exists for this one signature: its key is
thrown away, so that who trusts `ca.pem` trusts nothing but this certificate.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from checkstand.errors import Unavailable

CERTIFICATE, KEY, AUTHORITY = "cert.pem", "key.pem", "ca.pem"
NAMES = ("localhost", "*.localhost", "127.0.0.1", "::1")
LIFETIME = timedelta(days=825)
"""Clients accept no longer one."""


def certificate(folder: Path) -> tuple[Path, Path]:
    """The certificate (with those between it and its authority) and the key, as PEM files. Raises `Unavailable`."""
    chain, key = folder / CERTIFICATE, folder / KEY
    if not (chain.is_file() and key.is_file()):
        if chain.exists() or key.exists():
            raise Unavailable(f"{folder} has one of {CERTIFICATE} and {KEY}; put both there, or none of them.")
        try:
            _make(folder)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise Unavailable(f"No certificate can be made in {folder}: {reason}.") from None
    return chain, key


def _make(folder: Path) -> None:
    import trustme  # noqa: PLC0415  # it takes a tenth of a second to import, and is needed once

    folder.mkdir(parents=True, exist_ok=True)
    authority = trustme.CA(organization_name="Checkstand on this machine")
    issued = authority.issue_cert(*NAMES, common_name="localhost", not_after=datetime.now(UTC) + LIFETIME)
    authority.cert_pem.write_to_path(str(folder / AUTHORITY))
    key = folder / KEY
    key.touch(mode=0o600, exist_ok=False)
    key.write_bytes(issued.private_key_pem.bytes())
    (folder / CERTIFICATE).write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
