"""The small components: what a person typed is never markup, and screen readers are told what eyes see."""

import pytest
from django import forms
from django.template import Context, Template
from django.test import RequestFactory

from pult.core.ui.icons import ICONS, icon_svg

HOSTILE = '"><script>alert(1)</script>'


def drawn(source: str, **values: object) -> str:
    """The template `source` drawn with `values`."""
    return Template("{% load ui %}" + source).render(Context(values))


class PhoneForm(forms.Form):
    phone = forms.CharField(label="Phone", help_text="With the country code")
    note = forms.CharField(label="Note", required=False)
    shared = forms.BooleanField(label="Shared", required=False)


@pytest.mark.parametrize(
    "source",
    [
        "{% button text title=text icon='check' value=text %}",
        "{% link_button text text %}",
        "{% badge text %}",
        "{% copyable text %}",
        "{% crumb text text %}",
        "{% icon 'check' label=text %}",
        "{% notice 'warn' title=text %}{{ text }}{% endnotice %}",
        "{% empty_state text text %}{{ text }}{% endempty_state %}",
        "{% dialog 'one' text %}{{ text }}{% enddialog %}",
        "{% menu text %}{% menu_link text text %}{% endmenu %}",
        "{% progress 1 2 label=text unit=text note=text %}",
        "{% stat text text unit=text note=text url=text %}",
        "{% sparkline series text %}",
        "{% proportion segments label=text %}",
        "{% block_grid segments text %}",
        "{% tabs segments text %}",
        "{% log_list segments %}",
        "{% steps segments %}",
    ],
)
def test_words_of_people_never_become_markup(source: str) -> None:
    segment = dict.fromkeys(("label", "tone", "url", "title", "text", "detail", "who", "action"), HOSTILE) | {
        "count": 3
    }
    html = drawn(source, text=HOSTILE, series=[1, 2, 3], segments=[segment])
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_a_button_passes_attributes_through_and_leaves_out_what_is_off() -> None:
    html = drawn(
        '{% button "Start" kind="primary" hx_post="/start/" disabled=True hidden=False title=None %}'
    )
    assert html.startswith('<button type="submit" class="button" data-kind="primary"')
    assert 'hx-post="/start/"' in html
    assert " disabled" in html
    assert "hidden" not in html
    assert "title" not in html


def test_a_button_of_an_unknown_kind_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="golden"):
        drawn('{% button "Start" kind="golden" %}')


def test_a_square_button_still_says_what_it_does() -> None:
    html = drawn('{% button "More" icon="more" square=True %}')
    assert '<span class="visually-hidden">More</span>' in html
    assert 'title="More"' in html


def test_an_icon_without_words_is_silent_and_with_words_speaks() -> None:
    assert 'aria-hidden="true"' in icon_svg("check")
    assert 'role="img" aria-label="Found"' in icon_svg("check", label="Found")


def test_an_icon_that_is_not_drawn_is_a_mistake_of_the_page() -> None:
    with pytest.raises(KeyError):
        icon_svg("unicorn")


@pytest.mark.parametrize("name", sorted(ICONS))
def test_every_icon_is_well_formed(name: str) -> None:
    html = icon_svg(name)
    assert html.count("<path") + html.count("<circle") + html.count("<rect") == html.count("/>")
    assert "00 " not in html.replace("0 0 ", "")


def test_a_field_ties_label_help_and_error_to_its_control() -> None:
    form = PhoneForm({"phone": ""})
    html = drawn("{% field form.phone %}", form=form)
    assert '<label for="id_phone">Phone</label>' in html
    assert 'aria-describedby="id_phone_helptext id_phone_error"' in html
    assert 'aria-invalid="true"' in html
    assert 'id="id_phone_helptext"' in html
    assert 'id="id_phone_error"' in html


def test_what_was_typed_stays_in_a_field_with_an_error() -> None:
    class Strict(forms.Form):
        email = forms.EmailField()

    assert 'value="anna@"' in drawn("{% field form.email %}", form=Strict({"email": "anna@"}))


def test_a_field_that_may_stay_empty_says_so() -> None:
    assert "optional" in drawn("{% field form.note %}", form=PhoneForm())
    assert "optional" not in drawn("{% field form.phone %}", form=PhoneForm())


def test_a_tick_box_stands_before_its_words() -> None:
    html = drawn("{% field form.shared %}", form=PhoneForm())
    assert 'class="field choice"' in html
    assert html.index("<input") < html.index("<label")


def test_a_whole_form_uses_the_same_fields() -> None:
    html = drawn("{{ form }}", form=PhoneForm({"phone": ""}))
    assert html.count('class="field') == 3
    assert 'id="id_phone_error"' in html


def test_asking_first_posts_only_from_the_dialog() -> None:
    request = RequestFactory().get("/")
    html = drawn(
        '{% confirm_button "Delete" "/delete/" title="Delete this?" name="action" value="delete" %}'
        "All is erased.{% endconfirm_button %}",
        request=request,
    )
    opener, dialog = html.split("<dialog", 1)
    assert 'type="button"' in opener
    assert 'command="show-modal"' in opener
    assert '<form method="post" action="/delete/">' in dialog
    assert "csrfmiddlewaretoken" in dialog
    assert '<input type="hidden" name="action" value="delete">' in dialog
    assert "All is erased." in dialog


def test_a_bad_notice_is_announced() -> None:
    assert 'role="alert"' in drawn('{% notice "bad" %}No.{% endnotice %}')
    assert "alert" not in drawn('{% notice "good" %}Yes.{% endnotice %}')
