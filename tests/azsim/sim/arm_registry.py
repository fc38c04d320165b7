"""Container registries over HTTP: reading, listing, the PATCH and its operation.

Sources: Azure/azure-rest-api-specs, Microsoft.ContainerRegistry 2022-12-01
containerregistry.json; Azure/azure-cli, acr recording test_acr_encryption_with_cmk.yaml.
"""
from . import arm_errors as errors, names
from .arm_common import Resources
from .cmk import cmk_problem
from .patching import encryption_change, trial
from .service import read_json
from .shapes import replication_shape
from .versions import PROVIDERS
from .wire import Reply

KIND = names.ACR_TYPE
BUSY_STATES = ("creating", "updating", "deleting")
VERSIONS = {"api-supported-versions": ", ".join(PROVIDERS["microsoft.containerregistry"])}


class RegistryResources(Resources):
    """Everything below Microsoft.ContainerRegistry/registries."""

    def _find(self, claims, subscription, group, name, right="arm_read", action="read"):
        spelled = self.known_group(subscription, group)
        scope = names.registry_id(subscription, spelled, name)
        self.require(claims, right, f"{KIND}/{action}", scope)
        registry = self.world.registries.find(subscription, group, name)
        if registry is None:
            raise errors.no_resource(f"{KIND}/{name}", group)
        return registry

    def list(self, request, claims, subscription, group=None):
        """The registries of a subscription or of one group, as whole objects."""
        self.only(request, "GET")
        scope = f"/subscriptions/{subscription}"
        if group is not None:
            scope += f"/resourceGroups/{self.known_group(subscription, group)}"
        found = self.world.registries.below(subscription, group)
        if self.world.settings.list_denial == "filter":
            found = [one for one in found if self.world.access.allowed(claims["appid"], "arm_read", one.id)]
        else:
            self.require(claims, "arm_read", f"{KIND}/read", scope)
        reply = self.page(request, found, lambda registry: self._present(request, registry))
        reply.headers.update(VERSIONS)
        return reply

    def _present(self, request, registry):
        self.world.registries.settle(registry)
        return self.world.registries.show(registry, request.api_version)

    def one(self, request, claims, subscription, group, name):
        """GET, PATCH, and the PUT that a registry with its own key refuses."""
        self.only(request, "GET", "HEAD", "PATCH", "PUT")
        if request.method in ("GET", "HEAD"):
            registry = self._find(claims, subscription, group, name)
            return Reply(json=self.world.registries.show(registry, request.api_version), headers=dict(VERSIONS))
        registry = self._find(claims, subscription, group, name, "arm_write", "write")
        change = read_json(request, "InvalidRequestContent")
        if request.method == "PUT" and registry.encrypted:
            # MicrosoftDocs/azure-management-docs pull request 158: a policy that writes
            # the whole configuration back fails on such registries.
            raise errors.bad_request("The encryption settings of a registry cannot be set by PUT.")
        return self._patch(request, claims, registry, change)

    # -- writing ---------------------------------------------------------------------

    def _patch(self, request, claims, registry, change):
        self._check_shape(change)
        self._check_linked(claims, registry, change)
        if registry.operation is not None or registry.state.lower() in BUSY_STATES:
            raise errors.busy(registry.name)
        self._check_encryption(registry, change)
        settings, world = self.world.settings, self.world.registries
        forced = self._forced(request)
        problem = forced
        if problem is None and encryption_change(change):
            problem = cmk_problem(world, trial(registry, change, self.world.access))
        if problem and not forced and (settings.cmk_error_mode == "at-once" or settings.patch_mode == "200"):
            raise errors.ProviderError(400, problem["code"], problem["message"])
        operation = world.begin(registry, change, forced)
        if settings.patch_mode == "200":
            world.finish_now(operation)
            if operation.error:
                raise errors.ProviderError(400, operation.error["code"], operation.error["message"])
            return Reply(200, world.show(registry, request.api_version), dict(VERSIONS))
        return self._accepted(request, registry, operation)

    def _accepted(self, request, registry, operation):
        """201 with the old values and the address of the operation, or the 202 that the
        RPC contract asks for and ACR does not send."""
        base = f"{request.base}{registry.id}"
        tail = f"{operation.name}?api-version={request.api_version}"
        headers = dict(VERSIONS)
        if self.world.settings.retry_after is not None:
            headers["Retry-After"] = str(self.world.settings.retry_after)
        if self.world.settings.patch_mode == "202":
            headers["Location"] = f"{base}/operationResults/{tail}"
            return Reply(202, None, headers)
        headers["Azure-AsyncOperation"] = f"{base}/operationStatuses/{tail}"
        headers["Server"] = "Microsoft-HTTPAPI/2.0"
        return Reply(201, self.world.registries.show(registry, request.api_version), headers)

    @staticmethod
    def _forced(request):
        """The error that a fault ordered for this PATCH's operation."""
        order = request.fault or {}
        if "operation" not in order:
            return None
        return {"code": order.get("code", "InternalServerError"),
                "message": order.get("message", "The operation failed."), "status": order["operation"]}

    @staticmethod
    def _check_shape(change):
        for name in ("properties", "identity", "sku", "tags"):
            if change.get(name) is not None and not isinstance(change[name], dict):
                raise errors.bad_content(f"The member '{name}' must be an object.")
        for outer, name, kind in (("properties", "encryption", dict), ("properties", "policies", dict),
                                  ("properties", "networkRuleSet", dict), ("sku", "name", str),
                                  ("identity", "userAssignedIdentities", dict)):
            value = (change.get(outer) or {}).get(name)
            if value is not None and not isinstance(value, kind):
                raise errors.bad_content(f"The member '{outer}.{name}' has the wrong type.")

    def _check_linked(self, claims, registry, change):
        """An identity block makes ARM check a right on each identity it names."""
        named = ((change.get("identity") or {}).get("userAssignedIdentities") or {})
        for resource in named:
            if not self.world.access.allowed(claims["appid"], "identity_assign", resource):
                raise errors.denied_link(claims, f"{KIND}/write", registry.id, resource)

    @staticmethod
    def _check_encryption(registry, change):
        sku = (change.get("sku") or {}).get("name") or registry.sku
        encryption = (change.get("properties") or {}).get("encryption") or {}
        status = str(encryption.get("status") or "").lower()
        inner = encryption_change(change)
        if status not in ("", "enabled", "disabled"):
            raise errors.bad_request(f"The encryption status '{encryption['status']}' is not valid.")
        if registry.encrypted and (sku.lower() != "premium" or status == "disabled"):
            raise errors.bad_request("Encryption with a customer-managed key needs a Premium registry "
                                     "and cannot be disabled once it was enabled.")
        if inner and not registry.encrypted:
            raise errors.bad_request("Encryption with a customer-managed key can only be enabled when "
                                     "the registry is created.")
        identifier = (inner or {}).get("keyIdentifier")
        if identifier is not None and names.split_key_id(identifier) is None:
            raise errors.bad_request(f"The key identifier '{identifier}' is not valid.")
        identity = (inner or {}).get("identity")
        if identity is not None and (not isinstance(identity, str) or identity.lower() != "system"
                                     and not names.GUID.match(identity)):
            raise errors.bad_request(f"The identity '{identity}' is not valid.")

    # -- operations ------------------------------------------------------------------

    def _operation(self, claims, subscription, group, name, operation):
        registry = self._find(claims, subscription, group, name, "op_read", "operationStatuses/read")
        found = self.world.registries.operations.get(operation.lower())
        if found is None or found.registry is not registry:
            raise errors.no_resource(f"{KIND}/{name}/operationStatuses/{operation}", group)
        return self.world.registries.poll(found)

    def _again(self, headers):
        if self.world.settings.retry_after is not None:
            headers["Retry-After"] = str(self.world.settings.retry_after)

    def status(self, request, claims, subscription, group, name, operation):
        """The operation; 200 whether it goes on, succeeded or failed."""
        self.only(request, "GET")
        found = self._operation(claims, subscription, group, name, operation)
        body, headers = {"status": found.status}, dict(VERSIONS)
        if found.error:
            body["error"] = {"code": found.error["code"], "message": found.error["message"]}
        headers["Azure-AsyncOperation"] = f"{request.base}{request.target}"
        if found.status == "InProgress":
            self._again(headers)
        return Reply(200, body, headers)

    def result(self, request, claims, subscription, group, name, operation):
        """What Location points to: 202 while it runs, then what the PATCH would have said."""
        self.only(request, "GET")
        found = self._operation(claims, subscription, group, name, operation)
        if found.status == "InProgress":
            headers = {"Location": f"{request.base}{request.target}"}
            self._again(headers)
            return Reply(202, None, headers)
        if found.error:
            raise errors.ProviderError(400, found.error["code"], found.error["message"])
        return Reply(200, self.world.registries.show(found.registry, request.api_version), dict(VERSIONS))

    # -- replications ----------------------------------------------------------------

    def replications(self, request, claims, subscription, group, name):
        """The home region is the only one."""
        self.only(request, "GET")
        registry = self._find(claims, subscription, group, name)
        return self.page(request, [registry], replication_shape)

    def replication(self, request, claims, subscription, group, name, location):
        """One replication."""
        self.only(request, "GET")
        registry = self._find(claims, subscription, group, name)
        if location.lower() != registry.location:
            raise errors.no_resource(f"{KIND}/{name}/replications/{location}", group)
        return Reply(json=replication_shape(registry))
