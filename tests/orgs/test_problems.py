"""Errors of the API that Django itself answers."""

import pytest


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("get", "/api/nonsense", 404), ("get", "/api/jobs/no-uuid", 404), ("put", "/api/jobs", 405)],
)
def test_what_django_answers_is_a_problem_too(acme, api, method, path, status):
    answer = getattr(api(), method)(path)

    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == status
