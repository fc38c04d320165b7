"""Subscriptions, groups, the generic resource list, and user-assigned identities."""
import re

from . import arm_errors as errors, names
from .arm_common import Resources
from .shapes import resource_shape, subscription_shape, user_identity_shape
from .wire import Reply

CONDITION = re.compile(r"(resourceType|name)\s+eq\s+'([^']*)'", re.IGNORECASE)


class Lists(Resources):
    """What Azure CLI reads before it gets to a registry."""

    def subscriptions(self, request, _claims):
        """The subscriptions of the caller."""
        self.only(request, "GET")
        shapes = [subscription_shape(*row) for row in self.world.registries.subscriptions.items()]
        return Reply(json={"value": shapes, "count": {"type": "Total", "value": len(shapes)}})

    def subscription(self, request, _claims, subscription):
        """One subscription."""
        self.only(request, "GET")
        return Reply(json=subscription_shape(
            subscription, self.world.registries.subscriptions[subscription.lower()]))

    def resources(self, request, claims, subscription):
        """The registries as plain resources; $filter by resourceType and name."""
        self.only(request, "GET")
        self.require(claims, "arm_read", "Microsoft.Resources/subscriptions/resources/read",
                     f"/subscriptions/{subscription}")
        wanted = {key.lower(): value.lower()
                  for key, value in CONDITION.findall(request.query.get("$filter", ""))}
        found = []
        if wanted.get("resourcetype", names.ACR_TYPE.lower()) == names.ACR_TYPE.lower():
            found = [one for one in self.world.registries.below(subscription)
                     if wanted.get("name", one.name.lower()) == one.name.lower()]
        return self.page(request, found, resource_shape)

    def _group_shape(self, subscription, name):
        return {"id": f"/subscriptions/{subscription}/resourceGroups/{name}", "name": name,
                "type": "Microsoft.Resources/resourceGroups", "location": names.LOCATION,
                "tags": {}, "properties": {"provisioningState": "Succeeded"}}

    def groups(self, request, claims, subscription):
        """All groups."""
        self.only(request, "GET")
        self.require(claims, "arm_read", "Microsoft.Resources/subscriptions/resourceGroups/read",
                     f"/subscriptions/{subscription}")
        found = [name for (owner, _), name in self.world.registries.groups.items()
                 if owner == subscription.lower()]
        return self.page(request, found, lambda name: self._group_shape(subscription, name))

    def group(self, request, claims, subscription, group):
        """One group."""
        self.only(request, "GET", "HEAD")
        name = self.known_group(subscription, group)
        self.require(claims, "arm_read", "Microsoft.Resources/subscriptions/resourceGroups/read",
                     f"/subscriptions/{subscription}/resourceGroups/{name}")
        return Reply(json=self._group_shape(subscription, name))

    def identities(self, request, claims, subscription, group):
        """The user-assigned identities of a group."""
        self.only(request, "GET")
        self.known_group(subscription, group)
        base = f"/subscriptions/{subscription}/resourcegroups/{group}/".lower()
        self.require(claims, "arm_read", "Microsoft.ManagedIdentity/userAssignedIdentities/read", base)
        found = [one for one in self.world.access.principals
                 if one.resource_id and not one.system and one.resource_id.lower().startswith(base)]
        return self.page(request, found, user_identity_shape)

    def identity(self, request, claims, subscription, group, name):
        """One user-assigned identity."""
        self.only(request, "GET")
        self.known_group(subscription, group)
        kind = "Microsoft.ManagedIdentity/userAssignedIdentities"
        scope = names.identity_id(name, subscription, group)
        self.require(claims, "arm_read", f"{kind}/read", scope)
        principal = self.world.access.find(scope)
        if principal is None:
            raise errors.no_resource(f"{kind}/{name}", group)
        return Reply(json=user_identity_shape(principal))
