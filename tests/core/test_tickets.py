import base64
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from identity.core import tickets
from identity.core.models import SpentTicket

pytestmark = pytest.mark.core_suite

HOUR = timedelta(hours=1)
START = datetime(2026, 5, 1, 12, tzinfo=UTC)


def test_a_ticket_looks_like_cognitos_session_and_opens():
    with time_machine.travel(START, tick=False):
        text = tickets.issue("mfa", {"user": "ana"}, lifetime=HOUR, bound_to="client")
        ticket = tickets.open("mfa", text, bound_to="client")

    assert text.startswith("AYABe")
    assert base64.b64encode(base64.b64decode(text)).decode() == text
    assert ticket.content == {"user": "ana"}
    assert (ticket.issued_at, ticket.expires_at) == (START, START + HOUR)
    assert len(ticket.id) == 32


@pytest.mark.parametrize(("kind", "bound_to"), [("mfa", "other"), ("srp", "client"), ("mfac", "lient")])
def test_a_ticket_counts_only_for_its_step_and_binding(kind, bound_to):
    text = tickets.issue("mfa", {}, lifetime=HOUR, bound_to="client")

    with pytest.raises(tickets.TicketInvalid):
        tickets.open(kind, text, bound_to=bound_to)


def test_a_ticket_ends_with_its_lifetime():
    with time_machine.travel(START, tick=False) as clock:
        text = tickets.issue("mfa", {}, lifetime=HOUR)
        clock.shift(HOUR - timedelta(milliseconds=1))
        tickets.open("mfa", text)
        clock.shift(timedelta(milliseconds=1))
        with pytest.raises(tickets.TicketExpired):
            tickets.open("mfa", text)


@given(
    st.one_of(st.text(max_size=300), st.binary(max_size=200).map(lambda raw: base64.b64encode(raw).decode()))
)
def test_anything_else_is_no_ticket(text):
    with pytest.raises(tickets.TicketInvalid):
        tickets.open("mfa", text)


def test_a_prefix_alone_is_no_ticket():
    with pytest.raises(tickets.TicketInvalid):
        tickets.open("mfa", base64.b64encode(b"\x01\x80\x01\x78").decode())


def test_the_content_is_not_in_the_repr():
    ticket = tickets.open("x", tickets.issue("x", {"secret": "hidden"}, lifetime=HOUR))

    assert "hidden" not in repr(ticket)


@pytest.mark.django_db
def test_a_ticket_is_spent_once_and_the_transaction_lives_on():
    ticket = tickets.open("x", tickets.issue("x", {}, lifetime=HOUR))

    with transaction.atomic():
        tickets.spend(ticket)
        with pytest.raises(tickets.TicketSpent):
            tickets.spend(ticket)
        assert SpentTicket.objects.get().expires_at == ticket.expires_at


@pytest.mark.django_db
def test_spending_costs_one_statement(django_assert_num_queries):
    ticket = tickets.open("x", tickets.issue("x", {}, lifetime=HOUR))

    with django_assert_num_queries(1):
        tickets.spend(ticket)


@pytest.mark.django_db
def test_spent_tickets_are_forgotten_when_they_have_expired():
    with time_machine.travel(START, tick=False) as clock:
        tickets.spend(tickets.open("x", tickets.issue("x", {}, lifetime=HOUR)))
        tickets.spend(tickets.open("x", tickets.issue("x", {}, lifetime=3 * HOUR)))
        clock.shift(2 * HOUR)
        tickets.delete_old()

    assert SpentTicket.objects.count() == 1


def test_what_others_made_is_spent_once_by_its_name_and_forgotten_in_time(db):
    with time_machine.travel(START, tick=False) as clock:
        tickets.spend_once("assertion 1", until=START + HOUR)
        tickets.spend_once("assertion 2", until=START + HOUR)
        with pytest.raises(tickets.TicketSpent), transaction.atomic():
            tickets.spend_once("assertion 1", until=START + HOUR)

        clock.move_to(START + HOUR + timedelta(seconds=1))
        tickets.delete_old()

        assert not SpentTicket.objects.exists()
