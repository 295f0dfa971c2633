"""What a password must have, in the words in which clients are told of it."""

from msgspec import Struct


class PasswordRules(Struct, frozen=True):
    """`alpha` and `numeric`: regular expressions a password has to match somewhere."""

    alpha: str
    numeric: str
    minlength: int
    text: str


PASSWORD_RULES = PasswordRules(
    "[A-Za-z]",
    "[0-9]",
    7,
    "Passwords must be at least 7 characters and contain both alphabetic and numeric characters.",
)
