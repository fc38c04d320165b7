"""The admin port: a test's hand on the simulated world, behind every client's back.

JSON over plain HTTP. The same words stand in a scenario file. README.md has the table.
"""
from .admin_things import AdminThings
from .client_assertion import federated_token
from .fields import check, flag, listing, mapping, text
from .service import Service
from .wire import Reply, ServiceError

SCENARIO = {"settings": mapping, "vaults": listing, "keys": listing, "registries": listing,
            "permissions": listing, "faults": listing}


class Admin(Service):
    """Changes and shows the world."""

    name = "admin"

    def __init__(self, world):
        super().__init__(world)
        self.things = AdminThings(world)
        self.actions = {
            ("POST", "settings"): self._settings,
            ("POST", "vault"): self.things.vault,
            ("POST", "key"): self.things.key,
            ("POST", "registry"): self.things.registry,
            ("POST", "registries"): self.things.registries,
            ("POST", "permissions"): self.world.access.permit,
            ("POST", "fault"): self.world.faults.add,
            ("POST", "faults/clear"): self._clear,
            ("POST", "tokens"): self._tokens,
            ("POST", "proxy"): self.world.proxy.order,
            ("POST", "tenant"): self.world.access.add_tenant,
            ("POST", "certificate"): self.world.access.find("daemon").certificates.register,
            ("POST", "secret"): self.things.secret,
            ("POST", "federated"): lambda values: federated_token(self.world, values),
            ("POST", "eventgrid"): self.world.eventgrid.subscribe,
            ("POST", "scenario"): self.load,
        }

    def handle(self, request):
        path = "/".join(request.segments)
        if request.method == "GET" and path == "state":
            return Reply(json=self.things.state())
        if request.method == "GET" and path == "settings":
            return Reply(json=self.world.settings.show())
        if request.method == "GET" and path == "requests":
            return self._requests(request)
        action = self.actions.get((request.method, path))
        if action is None:
            raise ServiceError(404, "NotFound", f"no such request: {request.method} /{path}")
        try:
            return Reply(json=action(request.json() if request.body else {}))
        except ValueError as error:     # FieldError is one
            raise ServiceError(400, "BadRequest", str(error)) from None

    def _requests(self, request):
        try:
            return Reply(json=self.world.log.read(request.query))
        except ValueError as error:
            raise ServiceError(400, "BadRequest", str(error)) from None

    def _settings(self, values):
        # What was due under the old rules happens under the old rules.
        self.world.registries.settle_all()
        self.world.settings.change(values)
        return self.world.settings.show()

    def _clear(self, values):
        check("faults/clear", {}, values)
        self.world.faults.clear()
        return {}

    def _tokens(self, values):
        check("tokens", {"revoke": flag, "principal": text, "claims": flag}, values)
        if values.get("revoke"):
            self.world.access.revoke(values.get("principal"))
        if "claims" in values:
            self.world.access.demand_claims(values["claims"])
        return {}

    def load(self, scenario):
        """Carries out a whole scenario: settings, vaults, keys, registries, the rest."""
        check("scenario", SCENARIO, scenario)
        done = {"settings": self._settings(scenario.get("settings", {}))}
        for name, action in (("vaults", self.things.vault), ("keys", self.things.key),
                             ("registries", self._registry_or_many),
                             ("permissions", self.world.access.permit),
                             ("faults", self.world.faults.add)):
            done[name] = [action(item) for item in scenario.get(name, [])]
        return done

    def _registry_or_many(self, item):
        if isinstance(item, dict) and "count" in item:
            return self.things.registries(item)
        return self.things.registry(item)
