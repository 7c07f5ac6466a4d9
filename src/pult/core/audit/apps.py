from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from pult.core.registry import Module, NavigationItem, Permission, Role, registry


class AuditConfig(AppConfig):
    """The trail of who did what."""

    name = "pult.core.audit"
    label = "audit"
    verbose_name = _("Audit trail")

    def ready(self) -> None:
        """Plug the page and its permission in."""
        registry.add(
            Module(
                name="audit",
                title=_("Audit trail"),
                prefix="audit/",
                urls="pult.core.audit.web.urls",
                navigation=(
                    NavigationItem(
                        title=_("Audit trail"),
                        url_name="audit:trail",
                        icon="log",
                        permission="audit.see",
                        order=900,
                    ),
                ),
                permissions=(
                    Permission(
                        "audit.see",
                        _("See who did what"),
                        frozenset({Role.ADMINISTRATOR, Role.OWNER}),
                    ),
                ),
            )
        )
