"""How passwords are hashed."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2(Argon2PasswordHasher):
    """Argon2id with OWASP's parameters: strong, yet one thread and 19 MiB, so that eight people
    signing in at once do not take the pages' cores and memory (Django's default takes 100 MiB and 8 threads).
    """

    time_cost = 2
    memory_cost = 19456
    parallelism = 1
