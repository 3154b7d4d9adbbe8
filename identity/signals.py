"""Django signals for host projects: sent outward only, the code here never listens.

``event`` is sent once a recorded event is committed, at least once and in order, by the sweep::

    event.send_robust(sender=str, id=int, tag=str, content=dict, created_at=datetime)

``sender`` is the type ``Event`` row class, ``tag`` reads ``userpools:user:confirmed``. A receiver that
must not act twice keeps the ``id``.
"""

from django.dispatch import Signal

event = Signal()
