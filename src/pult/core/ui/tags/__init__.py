"""The template tags and filters of `{% load ui %}`, by family; all register themselves in one library."""

from django.template import Library

register = Library()
