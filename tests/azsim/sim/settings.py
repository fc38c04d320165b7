"""The switches of the simulated world, with their defaults."""
from .fields import check, flag, number, not_negative, one_of, optional, positive, text


def years(value):
    """A number of seconds, ten years at most."""
    return number(value) and abs(value) <= 315_360_000


# name: (default, check). README.md says what each one does.
TABLE = {
    "token_lifetime": (3599, positive),
    "follow_delay": (3600, not_negative),
    "op_polls": (1, not_negative),
    "op_seconds": (0, not_negative),
    "retry_after": (10, optional(not_negative)),
    "patch_mode": ("201", one_of("201", "200", "202")),
    "disabled_get": ("200", one_of("200", "403")),
    "cmk_error_mode": ("operation", one_of("operation", "at-once")),
    "failed_state": ("Succeeded", one_of("Succeeded", "Failed")),
    "honour_unversioned": (True, flag),
    "empty_pages": (True, flag),
    "page_size": (None, optional(positive)),
    "clock_offset": (0, years),
    "throttle": (True, flag),
    "denial": ("rbac", one_of("rbac", "policy", "access-policy")),
    "list_denial": ("403", one_of("403", "filter")),
    "arc_user_assigned": (True, flag),
    "arc_directory": (None, optional(text)),
    "delete_seconds": (0, not_negative),
    "graph_lag": (0, not_negative),
    "max_connections": (4096, positive),
}


class Settings:
    """One attribute per row of TABLE."""

    def __init__(self):
        self.__dict__.update({name: default for name, (default, _) in TABLE.items()})

    def change(self, values):
        """Sets some of them, all or none."""
        self.__dict__.update(check("settings", {name: row[1] for name, row in TABLE.items()}, values))

    def show(self):
        """All of them as an object."""
        return dict(self.__dict__)
