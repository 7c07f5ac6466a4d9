"""How Django's forms are drawn: label, control, help and error beside the field, tied together for screen readers."""

from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """The FORM_RENDERER of Pult: `{{ form }}` and `{{ form.email.as_field_group }}` use the templates of this app."""

    form_template_name = "ui/form/form.html"
    field_template_name = "ui/form/field.html"
