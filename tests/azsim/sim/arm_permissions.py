"""What the caller may do with a registry or in a group, by Resource Manager's own word.

Source: Azure/azure-rest-api-specs, Microsoft.Authorization 2022-04-01,
authorization-RoleDefinitionsCalls.json (Permissions_ListForResource and
Permissions_ListForResourceGroup).
"""
import re

from .arm_common import Resources
from .arm_errors import no_resource
from .names import ACR_TYPE, registry_id
from .wire import Reply

# What each right of the admin vocabulary is called in a role.
ACTIONS = {
    "arm_read": f"{ACR_TYPE}/read",
    "arm_write": f"{ACR_TYPE}/write",
    "op_read": f"{ACR_TYPE}/operationStatuses/read",
}
LISTS = ("actions", "notActions", "dataActions", "notDataActions")


def fits(pattern, action):
    """Whether a pattern of a role ("*" stands for anything) names an action."""
    parts = (re.escape(part) for part in pattern.split("*"))
    return re.fullmatch(".*".join(parts), action, re.IGNORECASE) is not None


def allows(roles, right):
    """Whether any role gives what stands behind a right, and does not take it away itself."""
    action = ACTIONS[right]
    return any(any(fits(one, action) for one in role.get("actions", []))
               and not any(fits(one, action) for one in role.get("notActions", []))
               for role in roles)


class Permissions(Resources):
    """GET {scope}/providers/Microsoft.Authorization/permissions"""

    def group(self, request, claims, subscription, group):
        """Of a resource group."""
        spelled = self.known_group(subscription, group)
        return self._list(request, claims, f"/subscriptions/{subscription}/resourceGroups/{spelled}")

    def registry(self, request, claims, subscription, group, name):
        """Of one registry."""
        spelled = self.known_group(subscription, group)
        if self.world.registries.find(subscription, group, name) is None:
            raise no_resource(f"{ACR_TYPE}/{name}", group)
        return self._list(request, claims, registry_id(subscription, spelled, name))

    def _list(self, request, claims, scope):
        self.only(request, "GET")
        access = self.world.access
        self.require(claims, "permissions_read", "Microsoft.Authorization/permissions/read", scope)
        roles = access.roles(claims["appid"], scope)
        if roles is None:
            granted = [action for right, action in ACTIONS.items()
                       if access.allowed(claims["appid"], right, scope)]
            roles = [{"actions": granted}] if granted else []
        return Reply(json={"value": [{name: role.get(name, []) for name in LISTS} for role in roles]})
