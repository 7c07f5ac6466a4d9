"""What can be done about personal data: change the policy, inquire about a number, erase it everywhere."""

from pult.core.privacy.operations.inquiries import (
    UnableToInquire,
    ask_about,
    erase_everywhere,
    forget_inquiry,
    read_report,
    ring_inquiries,
)
from pult.core.privacy.operations.policies import UnableToChangePolicy, change_policy
from pult.core.privacy.operations.searching import work_off

__all__ = [
    "UnableToChangePolicy",
    "UnableToInquire",
    "ask_about",
    "change_policy",
    "erase_everywhere",
    "forget_inquiry",
    "read_report",
    "ring_inquiries",
    "work_off",
]
