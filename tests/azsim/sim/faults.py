"""Faults: what a test has ordered to go wrong, how often, and how often it did."""
import re
from dataclasses import dataclass

from .fields import (check, flag, integer, mapping, not_negative, one_of, optional,
                     pattern, positive, text)

SERVICES = ("vault", "arm", "login", "imds", "appservice", "arc")
FIELDS = {
    # which requests
    "service": one_of(*SERVICES), "method": text, "path": pattern, "host": pattern,
    "authorized": flag, "count": integer, "skip": not_negative,
    # what happens to them
    "status": positive, "code": text, "innererror": text, "message": text, "headers": mapping,
    "retry_after": optional(not_negative), "delay": not_negative,
    "drop": one_of("before", "after", "half"), "body": text, "slow": positive,
    "operation": one_of("Failed", "Canceled"),
}


@dataclass
class Fault:
    """One order. `left` is -1 for ever."""
    number: int
    order: dict
    left: int
    skip: int
    hits: int = 0

    def fits(self, request):
        """Whether the order names this request."""
        order = self.order
        return (order.get("service", request.service) == request.service
                and order.get("method", request.method).upper() == request.method
                and order.get("authorized", request.bearer() is not None)
                == (request.bearer() is not None)
                and re.search(order.get("path", ""), request.target, re.IGNORECASE) is not None
                and re.search(order.get("host", ""), request.host, re.IGNORECASE) is not None)

    def show(self):
        """The order with its counters."""
        return {"id": self.number, **self.order, "hits": self.hits, "left": self.left}


class Faults:
    """All orders; the oldest one that fits and is not used up is carried out."""

    def __init__(self):
        self.table = []
        self.made = 0

    def add(self, order):
        """Takes an order."""
        check("fault", FIELDS, order)
        self.made += 1
        fault = Fault(self.made, order, order.get("count", 1), int(order.get("skip", 0)))
        self.table.append(fault)
        return fault.show()

    def clear(self):
        """Forgets them all."""
        self.table = []

    def take(self, request):
        """The order to carry out on this request, or None."""
        for fault in self.table:
            if fault.left != 0 and fault.fits(request):
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                fault.left -= fault.left > 0
                fault.hits += 1
                return fault
        return None

    def show(self):
        """All of them, used up or not."""
        return [fault.show() for fault in self.table]
