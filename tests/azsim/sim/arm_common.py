"""What ARM's resource kinds share: rights, groups, pages."""
from urllib.parse import quote

from . import arm_errors as errors
from .paging import arm_token, page
from .wire import Reply

PAGE = 100


class Resources:
    """The base of each kind of resource."""

    def __init__(self, world):
        self.world = world

    def only(self, request, *methods):
        """405 for any other method."""
        if request.method not in methods:
            raise errors.no_method(request.method, request.path)

    def require(self, claims, right, action, scope):
        """403 unless the caller has the right."""
        if not self.world.access.allowed(claims["appid"], right, scope):
            raise errors.denied(claims, action, scope)

    def known_group(self, subscription, group):
        """The group's name as it was first written, or 404."""
        found = self.world.registries.groups.get((subscription.lower(), group.lower()))
        if found is None:
            raise errors.no_group(group)
        return found

    def page(self, request, items, shape):
        """One page of items; only those on it are given their shape."""
        settings = self.world.settings
        try:
            part, following, empty = page(items, settings.page_size or PAGE,
                                          request.query.get("$skiptoken"), settings.empty_pages)
        except ValueError:
            raise errors.bad_content("The skip token is not valid.") from None
        body = {"value": [shape(item) for item in part]}
        if following is not None:
            token = arm_token(following, empty, None, None)
            wanted = request.query.get("$filter")
            rest = f"&$filter={quote(wanted)}" if wanted else ""
            body["nextLink"] = (f"{request.base}{request.path}?api-version={request.api_version}"
                                f"{rest}&$skiptoken={token}")
        return Reply(json=body)
