"""Who may open what: one line for each address of Pult. A page that stands in no line fails the test.

`who` is one of the words below, or a permission of the registry. For a page about a row that belongs to somebody
(`OWN`), everybody else, whatever the role, is answered as if it were not there.
"""

from dataclasses import dataclass, field

EVERYBODY = "everybody"  # also without signing in
SIGNED_IN = "signed in"
OWN = "own"

# What a stranger is answered. A page that only takes POST answers 405 to everything else before it looks who asks.
NOT_THERE = frozenset({404})
FORBIDDEN = frozenset({403})
# These answer with a message on the page they were asked from, and change nothing.
LED_BACK = frozenset({302})


@dataclass(frozen=True)
class Rule:
    """`who` may open it; `or_permission`: so may holders of it; `shows`: secrets of others that those may see there.

    `refused` are the answers to everybody else who is signed in.
    """

    who: str
    refused: frozenset[int] = NOT_THERE
    or_permission: str = ""
    shows: frozenset[str] = field(default_factory=frozenset)


def own(or_permission: str = "", *, refused: frozenset[int] = NOT_THERE, shows: str = "") -> Rule:
    return Rule(OWN, refused=refused, or_permission=or_permission, shows=frozenset(shows.split()))


def needs(permission: str, *, refused: frozenset[int] = FORBIDDEN, shows: str = "") -> Rule:
    return Rule(permission, refused=refused, shows=frozenset(shows.split()))


EVERYBODY_MAY, SIGNED_IN_MAY = Rule(EVERYBODY), Rule(SIGNED_IN)

# Pages of signing in belong to whoever opens them: they are about the visitor's own session, never about a row.
TABLE: dict[str, Rule] = {
    "home": EVERYBODY_MAY,
    "healthz": EVERYBODY_MAY,
    "readyz": EVERYBODY_MAY,
    "metrics": Rule(EVERYBODY),
    # Whoever brings an update shows the bot's secret.
    "bots-webhook": EVERYBODY_MAY,
    "set_language": EVERYBODY_MAY,
    "look": EVERYBODY_MAY,
    "account_*": EVERYBODY_MAY,
    "mfa_authenticate": EVERYBODY_MAY,
    "mfa_remove_webauthn": own(),
    "mfa_edit_webauthn": own(),
    "mfa_*": SIGNED_IN_MAY,
    "entry:enter": EVERYBODY_MAY,
    # people
    "people:list": needs("people.see", shows="person"),
    "people:person": needs("people.see", shows="person"),
    "people:role": needs("people.manage"),
    "people:off": needs("people.manage"),
    "people:on": needs("people.manage"),
    "people:sign_in_link": needs("people.manage"),
    "people:reset_second_factor": needs("people.manage"),
    "people:end_sessions": needs("people.manage"),
    "people:remove": needs("people.manage", shows="person"),
    "people:unlink_telegram": needs("people.manage"),
    "people:merge_choose": needs("people.manage", shows="person"),
    "people:merge": needs("people.manage", shows="person"),
    "people:waiting": needs("people.manage"),
    "people:decide": needs("people.manage"),
    "people:roles": needs("people.permissions"),
    "people:reset_roles": needs("people.permissions"),
    "people:demands": needs("people.demand", shows="person"),
    "people:invite": needs("people.manage"),
    "people:revoke": needs("people.manage"),
    "people:profile": SIGNED_IN_MAY,
    "people:email": SIGNED_IN_MAY,
    # one's own Telegram
    "people:telegram": SIGNED_IN_MAY,
    "people:telegram_by_bot": SIGNED_IN_MAY,
    "people:telegram_by_oidc": SIGNED_IN_MAY,
    "people:telegram_by_widget": SIGNED_IN_MAY,
    "people:telegram_unlink": SIGNED_IN_MAY,
    "people:end_session": own(refused=LED_BACK),
    "people:end_other_sessions": SIGNED_IN_MAY,
    "people:welcome": SIGNED_IN_MAY,
    # the panel: every row, no secret; its sign-in and sign-out lead to those of Pult
    "admin:login": EVERYBODY_MAY,
    "admin:logout": EVERYBODY_MAY,
    "admin:*": needs("panel.see", shows="person account"),
    # bots
    "bots:main": needs("bots.choose_main", shows="person"),
    "bots:*": needs("bots.manage", shows="person"),
    # audit, watching
    "audit:trail": needs("audit.see", shows="person"),
    "watch:*": needs("watch.see"),
    # accounts
    "telegram:accounts": SIGNED_IN_MAY,
    "telegram:share": own("telegram.share", refused=LED_BACK),
    "telegram:switch": own("telegram.share", refused=LED_BACK),
    "telegram:remove": own("telegram.share", refused=LED_BACK),
    "telegram:proxy": own("telegram.share"),
    "telegram:account": own("telegram.share", shows="account"),
    "telegram:connect": SIGNED_IN_MAY,
    "telegram:sign_in": own(),
    "telegram:step": own(),
    "telegram:again": own(refused=LED_BACK),
    "telegram:cancel": own(refused=LED_BACK),
    "telegram:key_pairs": needs("telegram.key_pairs"),
    "telegram:remove_key_pair": needs("telegram.key_pairs"),
    # personal data
    "privacy:inquiries": needs("privacy.manage"),
    "privacy:retention": needs("privacy.manage"),
    "privacy:inquiry": own(refused=NOT_THERE | FORBIDDEN),
    "privacy:report": own(refused=NOT_THERE | FORBIDDEN),
    "privacy:erase": own(refused=NOT_THERE | FORBIDDEN),
    "privacy:forget": own(refused=NOT_THERE | FORBIDDEN),
    # the API: its operations are walked by its own document
    "api-v1-docs": SIGNED_IN_MAY,
    "api-v1-openapi": SIGNED_IN_MAY,
    "^api/v1/": EVERYBODY_MAY,
    "api:tokens": needs("api.tokens"),
    "api:new_token": needs("api.tokens"),
    "api:revoke_token": own(),
    # webhooks: one's own
    "webhooks:list": needs("api.tokens"),
    "webhooks:new": needs("api.tokens"),
    "webhooks:*": own(),
    # checks, of everybody: without numbers, which only owners see
    "checks:queue": needs("checks.manage", shows="check account person"),
    "checks:hold": needs("checks.manage"),
    "checks:release": needs("checks.manage"),
    "checks:move": needs("checks.manage"),
    "checks:steer": needs("checks.manage"),
    "checks:switch_account": needs("checks.manage"),
    "checks:allowances": needs("checks.manage", shows="person"),
    "checks:activity": needs("checks.manage", shows="person"),
    "checks:all_log": needs("checks.manage", shows="check account person"),
    "checks:export_all_log": needs("checks.manage", shows="check account person"),
    "checks:all_checks": needs("checks.manage", shows="check person"),
    "checks:any_check": needs("checks.manage", shows="check account person"),
    "checks:any_log": needs("checks.manage", shows="check account person"),
    "checks:any_results": needs("checks.see_numbers", shows="check account person number found"),
    "checks:any_export": needs("checks.see_numbers", shows="check account person number found"),
    "checks:canaries": needs("checks.canaries", shows="canary number account person"),
    "checks:remove_canary": needs("checks.canaries"),
    "checks:use_canary_again": needs("checks.canaries"),
    # checks, one's own
    "checks:my_log": needs("checks.use"),
    "checks:export_my_log": needs("checks.use"),
    "checks:history": needs("checks.use"),
    "checks:new": needs("checks.use"),
    "checks:check": own(),
    "checks:column": own(),
    "checks:keeping": own(),
    "checks:start": own(),
    "checks:pause": own(),
    "checks:resume": own(),
    "checks:cancel": own(),
    "checks:ask_again": own(),
    "checks:remove": own(),
    "checks:results": own(),
    "checks:export": own(),
    "checks:log": own(),
    "checks:export_log": own(),
}


def rule_for(name: str) -> Rule | None:
    """The line of an address: its own one, else that of its room ("watch:*")."""
    if name in TABLE:
        return TABLE[name]
    rooms = [key for key in TABLE if key.endswith("*") and name.startswith(key[:-1])]
    return TABLE[max(rooms, key=len)] if rooms else None
