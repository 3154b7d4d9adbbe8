import pytest

from identity.core import clock, housekeeping, tasks
from identity.core.models import SpentTicket

pytestmark = [pytest.mark.core_suite, pytest.mark.django_db]


@pytest.fixture
def chores():
    before = list(housekeeping._chores)
    yield
    housekeeping._chores[:] = before


def test_the_sweep_does_every_chore_though_one_fails(chores, caplog):
    done = []

    @housekeeping.register
    def broken():
        raise ZeroDivisionError

    @housekeeping.register
    def tidy():
        done.append("tidy")

    housekeeping.register(tidy)
    tasks.sweep()

    assert done == ["tidy"]
    assert "test_the_sweep_does_every_chore_though_one_fails.<locals>.broken failed" in caplog.text


def test_many_rows_go_in_batches(monkeypatch):
    monkeypatch.setattr(housekeeping, "BATCH", 3)
    SpentTicket.objects.bulk_create(SpentTicket(id=str(n), expires_at=clock.now()) for n in range(10))

    assert housekeeping.delete_in_batches(SpentTicket.objects.exclude(id="5")) == 9
    assert [row.id for row in SpentTicket.objects.all()] == ["5"]
