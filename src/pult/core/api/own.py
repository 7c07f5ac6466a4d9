"""What the API says about the token in use."""

from ninja import Field, Router, Schema

from pult.core.api.access import ApiRequest, any_token
from pult.core.api.models import Token
from pult.core.api.values import Moment

router = Router(tags=["Token"])


class PersonOut(Schema):
    """Whose token it is."""

    name: str
    email: str
    role: str = Field(examples=["operator"])


class LimitOut(Schema):
    """How many requests a minute are answered, and where this minute stands."""

    requests_per_minute: int
    remaining: int
    reset_seconds: int


class TokenOut(Schema):
    """The token that was sent."""

    name: str
    hint: str = Field(description="Enough to find it on the page of tokens.")
    scopes: list[str] = Field(
        description="What it may do; its person's role may allow less.", examples=[["checks:read"]]
    )
    created_at: Moment
    expires_at: Moment
    person: PersonOut
    limit: LimitOut


@router.get(
    "/token", auth=any_token(), response=TokenOut, operation_id="get_token", summary="The token in use"
)
def get_token(request: ApiRequest) -> TokenOut:
    """Whose token this is, what it may do and until when. A good first request."""
    use = request.auth
    token = Token.objects.get(pk=use.token_id)
    return TokenOut(
        name=token.name,
        hint=token.hint,
        scopes=token.scopes,
        created_at=token.created_at,
        expires_at=token.expires_at,
        person=PersonOut(name=use.person.name, email=use.person.email, role=use.person.role),
        limit=LimitOut(requests_per_minute=use.limit, remaining=use.remaining, reset_seconds=use.reset),
    )
