"""Jobs for the demo's queue, as its people would submit them."""

import random
from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from accounts.models import User
from audit.trail import Actor, acting
from jobs.models import Job
from jobs.states import Priority
from jobs.submitting import Order, submit
from models3d.models import Revision

PRIORITIES = (Priority.NORMAL, Priority.NORMAL, Priority.NORMAL, Priority.HIGH, Priority.LOW)


def submit_some(
    count: int, people: Sequence[User], revisions: Sequence[Revision], rng: random.Random
) -> list[Job]:
    """`count` jobs for any printer that fits, that start by themselves."""
    made = []
    for _number in range(count):
        person = rng.choice(people)
        due = timezone.now() + timedelta(hours=rng.randrange(4, 72)) if rng.random() < 0.3 else None
        order = Order(
            revision=rng.choice(revisions),
            copies=rng.choice((1, 1, 1, 2, 3)),
            priority=rng.choice(PRIORITIES),
            due_at=due,
            auto_start=True,
        )
        with acting(Actor(person.pk, str(person), "demo")):
            made.append(submit(order, person))
    return made
