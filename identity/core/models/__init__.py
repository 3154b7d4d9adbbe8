from identity.core.models.broadcasts import Broadcast
from identity.core.models.counters import Counter
from identity.core.models.events import Event
from identity.core.models.outbox import OutboxMessage
from identity.core.models.tickets import SpentTicket

__all__ = ["Broadcast", "Counter", "Event", "OutboxMessage", "SpentTicket"]
