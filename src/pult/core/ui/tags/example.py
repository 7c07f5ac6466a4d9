"""The tag of the look page: shows a component and the very source that made it."""

from typing import cast

from django.template import Context
from django.template.base import FilterExpression, NodeList, Parser, Token, TokenType
from django.template.base import Node as TemplateNode
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from pult.core.ui.tags import register

MARKS = {TokenType.BLOCK: ("{% ", " %}"), TokenType.VAR: ("{{ ", " }}"), TokenType.COMMENT: ("{# ", " #}")}


class ExampleNode(TemplateNode):
    """What stands between `{% example title %}` and `{% endexample %}`, and its source."""

    child_nodelists = ("nodelist",)

    def __init__(self, *, title: FilterExpression, nodelist: NodeList, source: str) -> None:
        self.title = title
        self.nodelist = nodelist
        self.source = source

    def render(self, context: Context) -> SafeString:
        """The result first, the source folded away under it."""
        return render_to_string(
            "ui/look/example.html",
            {
                "title": self.title.resolve(context),
                "result": self.nodelist.render(context),
                "source": self.source,
            },
        )


def source_until(parser: Parser, end: str) -> str:
    """The template source from here to the tag `end`, put together again from the tokens that are still to come."""
    pieces = []
    for token in reversed(cast("list[Token]", parser.tokens)):
        if token.token_type is TokenType.BLOCK and token.contents == end:
            break
        before, after = MARKS.get(token.token_type, ("", ""))
        pieces.append(f"{before}{token.contents}{after}")
    lines = "".join(pieces).strip("\n").splitlines()
    indent = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return "\n".join(line[indent:] for line in lines).strip()


@register.tag
def example(parser: Parser, token: Token) -> ExampleNode:
    """`{% example _("Kinds") %}…{% endexample %}` on the look page."""
    title = parser.compile_filter(token.split_contents()[1])
    source = source_until(parser, "endexample")
    nodelist = parser.parse(("endexample",))
    parser.delete_first_token()
    return ExampleNode(title=title, nodelist=nodelist, source=source)
