"""The registry: which function answers which operation of which service, and what the model says of it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar, overload

from identity.wire import model
from identity.wire.callers import Caller
from identity.wire.compile import Inputs, Validate
from identity.wire.origin import Origin
from identity.wire.responses import Outputs, Shape

__all__ = ["Asked", "Call", "Operation", "Origin", "Service", "get", "services"]

Function = Callable[[Any, Any], Any]
F = TypeVar("F", bound=Function)

_services: dict[str, "Service"] = {}


@dataclass(frozen=True, slots=True)
class Call:
    """What an operation may know of the request around its input. ``caller`` is None on unsigned operations."""

    service: str
    operation: str
    region: str
    account_id: str
    request_id: str
    caller: Caller | None
    origin: Origin
    now: datetime

    @property
    def signed_by(self) -> Caller:
        """The caller of an operation that is only called signed."""
        if self.caller is None:
            raise TypeError(f"{self.operation} was called unsigned")
        return self.caller


@dataclass(frozen=True, slots=True)
class Asked:
    """A resource that the policies are asked about, with the condition keys that belong to it (its tags, for one).

    ``named`` is what a refusal calls it, where the ARN would tell a stranger more than they said themselves.
    ``action`` is another right than the operation's own that it takes as well.
    """

    resource: str
    context: Mapping[str, Any] = field(default_factory=dict)
    named: str = ""
    action: str = ""


Resource = Callable[[Any, Any], str | Asked | Sequence[str | Asked]]


@dataclass(frozen=True, slots=True)
class Operation:
    """One registered operation: our function and what the model says around it.

    ``unsigned`` operations are never authenticated; ``unchecked`` ones are, but no policy is asked.
    ``shape`` is None where the operation has no output: it is answered by an empty body.
    """

    service: str
    name: str
    function: Function
    resource: Resource
    unsigned: bool
    unchecked: bool
    validate: Validate
    shape: Shape | None

    @property
    def action(self) -> str:
        """The name that policies use."""
        return f"{self.service}:{self.name}"


class Service:
    """One AWS service: its model and the functions that answer its operations.

    ``resource`` gives the ARN that a policy is asked about where an operation names none of its own.
    ``validation_error`` is the class of error that this service answers to a broken constraint, ``drops_nulls`` whether
    a map's value that is null counts as absent rather than as one.
    """

    def __init__(
        self, name: str, *, resource: Resource, validation_error: str, drops_nulls: bool = False
    ) -> None:
        self.name = name
        self.model = model.load(name)
        self.validation_error = validation_error
        self._resource = resource
        self._inputs = Inputs(name, self.model, validation_error, drops_nulls=drops_nulls)
        self._outputs = Outputs(self.model)
        self._registered: dict[str, Operation] = {}
        _services[name] = self

    def __repr__(self) -> str:
        return f"<Service {self.name}: {len(self._registered)} of {len(self.operation_names)} operations>"

    @cached_property
    def operation_names(self) -> tuple[str, ...]:
        """Every operation of the model by its wire name, built or not."""
        return tuple(self.model["operations"])

    def knows(self, wire_name: str) -> bool:
        """Whether the model has an operation of that name."""
        return wire_name in self.model["operations"]

    @cached_property
    def metadata(self) -> Mapping[str, Any]:
        """The model's own head: protocol, target prefix, API version, XML namespace."""
        metadata: Mapping[str, Any] = self.model["metadata"]
        return metadata

    @cached_property
    def error_codes(self) -> Mapping[str, tuple[str, int]]:
        """The model's error shapes with the code and HTTP status that go over the wire (query and REST services)."""
        found = {}
        for name, shape in self.model["shapes"].items():
            if shape.get("exception"):
                error = shape.get("error", {})
                found[name] = (error.get("code", name), error.get("httpStatusCode", 400))
        return found

    @property
    def signing_name(self) -> str:
        """The service name that a SigV4 scope must carry."""
        name: str = self.metadata.get("signingName", self.metadata["endpointPrefix"])
        return name

    @cached_property
    def _by_function_name(self) -> dict[str, str]:
        return {model.snake(name): name for name in self.operation_names}

    @overload
    def operation(self, function: F, /) -> F: ...

    @overload
    def operation(
        self, /, *, resource: Resource | None = None, unchecked: bool = False
    ) -> Callable[[F], F]: ...

    def operation(
        self, function: F | None = None, /, *, resource: Resource | None = None, unchecked: bool = False
    ) -> F | Callable[[F], F]:
        """Register a function under the operation that it is named after; the function itself stays as it is.

        Raises LookupError at import for a name that the model doesn't have, or that is taken.
        """

        def register(function: F) -> F:
            self._register(function, resource or self._resource, unchecked)
            return function

        return register if function is None else register(function)

    def find(self, wire_name: str) -> Operation | None:
        """The registered operation, or None where it is unknown or not built."""
        return self._registered.get(wire_name)

    def __iter__(self) -> Iterator[Operation]:
        return iter(self._registered.values())

    def is_unsigned(self, wire_name: str) -> bool:
        """Whether the model marks the operation as needing no signature."""
        operation: Mapping[str, Any] = self.model["operations"][wire_name]
        return operation.get("authtype") == "none"

    def _register(self, function: Function, resource: Resource, unchecked: bool) -> None:
        wire_name = self._by_function_name.get(function.__name__)
        if wire_name is None:
            raise LookupError(f"{self.name} has no operation for a function named {function.__name__}")
        if wire_name in self._registered:
            raise LookupError(f"{self.name}:{wire_name} is registered twice")
        self._registered[wire_name] = Operation(
            service=self.name,
            name=wire_name,
            function=function,
            resource=resource,
            unsigned=self.is_unsigned(wire_name),
            unchecked=unchecked,
            validate=self._inputs.validate(wire_name),
            shape=self._outputs.shape(wire_name),
        )


def services() -> dict[str, Service]:
    """The services of the installed apps by name. Each app makes its own when it is imported."""
    return dict(_services)


def get(name: str) -> Service | None:
    """The installed service of that name, or None."""
    return _services.get(name)
