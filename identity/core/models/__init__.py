from identity.core.models.counters import Counter
from identity.core.models.events import Event
from identity.core.models.outbox import OutboxMessage
from identity.core.models.tickets import SpentTicket

__all__ = ["Counter", "Event", "OutboxMessage", "SpentTicket"]
