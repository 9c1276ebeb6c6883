"""From a call to the published list."""

from __future__ import annotations

import pytest

from tests.challenges.support import make_screening

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("corridor")]


def test_a_call_leads_to_a_published_list() -> None:
    screening = make_screening()
    assert len(screening.assignments) == 4
    screening.close()
    screening.decide()
    (challenge,) = screening.publish()
    assert challenge.number == 1
    assert challenge.title == screening.nominations[0].need.title
    screening.call.refresh_from_db()
    assert screening.call.status == "listed"
