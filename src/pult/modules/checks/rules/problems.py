"""Why a line of a list is no value of its kind. The codes are stored; their words stand in problem_texts.py."""

from enum import StrEnum


class Problem(StrEnum):
    """One honest reason for each refused line."""

    EMPTY = "empty"
    NOT_A_NUMBER = "not_a_number"
    LETTERS = "letters"
    DATE = "date"
    DAMAGED = "damaged"
    FORMULA_WITHOUT_VALUE = "formula_without_value"
    EXTENSION = "extension"
    SEVERAL_NUMBERS = "several_numbers"
    NO_COUNTRY = "no_country"
    UNKNOWN_COUNTRY = "unknown_country"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    WRONG_LENGTH = "wrong_length"
    NOT_ASSIGNED = "not_assigned"
    # A good number, but the person whose it is objected; its text is not kept.
    REFUSED = "refused"
    NOT_A_USERNAME = "not_a_username"
    INVITATION = "invitation"
    PHONE = "phone"
    OTHER = "other"
