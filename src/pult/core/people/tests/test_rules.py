"""The rules about roles, whatever happens in whatever order."""

from hypothesis import given
from hypothesis import strategies as st

from pult.core.people.rules import (
    RANK,
    Refusal,
    Standing,
    why_not_change_role,
    why_not_invite,
    why_not_let_in,
    why_not_switch_off,
    why_not_switch_on,
)
from pult.core.registry import Role

ids = st.integers(min_value=0, max_value=4)
roles = st.sampled_from(list(Role))
deeds = st.one_of(
    st.tuples(st.just("role"), ids, ids, roles),
    st.tuples(st.just("off"), ids, ids, roles),
    st.tuples(st.just("on"), ids, ids, roles),
)
# Who may manage people is chosen by the installation: any role but the owners' may have it or not.
houses = st.lists(st.tuples(roles, st.booleans(), st.booleans()), min_size=5, max_size=5)


def somebody(number: int, role: Role, active: bool = True, manages: bool | None = None) -> Standing:
    """As Pult comes: administrators and owners manage; owners always do."""
    usual = role is not Role.OPERATOR if manages is None else manages
    return Standing(number, role, active, manages=usual or role is Role.OWNER)


def owners(people: dict[int, Standing]) -> int:
    return sum(1 for one in people.values() if one.active and one.role is Role.OWNER)


def attempt(people: dict[int, Standing], deed: tuple[str, int, int, Role]) -> Standing | None:
    """The target after the deed, or None when the rules refuse."""
    kind, actor_id, target_id, role = deed
    actor, target = people[actor_id], people[target_id]
    if kind == "role":
        refusal = why_not_change_role(actor, target, role, active_owners=owners(people))
        return None if refusal else somebody(target.id, role, target.active, target.manages)
    if kind == "off":
        refusal = why_not_switch_off(actor, target, active_owners=owners(people))
        return None if refusal else somebody(target.id, target.role, False, target.manages)
    refusal = why_not_switch_on(actor, target)
    return None if refusal else somebody(target.id, target.role, True, target.manages)


@given(houses, st.lists(deeds, max_size=40))
def test_an_active_owner_always_remains_and_nobody_rises_alone(
    house: list[tuple[Role, bool, bool]], order: list[tuple[str, int, int, Role]]
) -> None:
    people = {index: somebody(index, *drawn) for index, drawn in enumerate(house)}
    people[0] = somebody(0, Role.OWNER)
    for deed in order:
        after = attempt(people, deed)
        if after is None:
            continue
        actor, before = people[deed[1]], people[after.id]
        assert actor.active and actor.manages
        assert RANK[after.role] <= RANK[actor.role], "nobody gives more than they have"
        assert RANK[before.role] <= RANK[actor.role], "nobody touches somebody above"
        if actor.id == before.id:
            assert RANK[after.role] <= RANK[before.role]
            assert after.active
        people[after.id] = after
        assert owners(people) >= 1


@given(roles, roles, st.booleans(), st.booleans())
def test_a_sign_in_link_never_leads_upwards(
    actor_role: Role, target_role: Role, actor_active: bool, target_active: bool
) -> None:
    actor, target = somebody(1, actor_role, actor_active), somebody(2, target_role, target_active)
    if why_not_let_in(actor, target) is None:
        assert actor_active and target_active
        assert RANK[actor_role] >= max(RANK[target_role], RANK[Role.ADMINISTRATOR])


def test_what_each_role_may_invite() -> None:
    def invited_by(role: Role) -> list[Role]:
        return [wanted for wanted in Role if why_not_invite(somebody(1, role), wanted) is None]

    assert invited_by(Role.OPERATOR) == []
    assert invited_by(Role.ADMINISTRATOR) == [Role.OPERATOR, Role.ADMINISTRATOR]
    assert invited_by(Role.OWNER) == list(Role)


def test_the_terminal_may_everything_but_lose_the_last_owner() -> None:
    last = somebody(1, Role.OWNER)
    assert why_not_invite(None, Role.OWNER) is None
    assert why_not_switch_off(None, last, active_owners=1) is Refusal.LAST_OWNER
    assert why_not_change_role(None, last, Role.OPERATOR, active_owners=1) is Refusal.LAST_OWNER
    assert why_not_change_role(None, last, Role.OPERATOR, active_owners=2) is None
