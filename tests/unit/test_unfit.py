"""What cannot be run is no silent gap where everything must be run."""

from __future__ import annotations

import pytest

from tests.fakes.unfit import EXPECTED, unfit


@pytest.mark.parametrize(("expected", "outcome"), [("", "Skipped"), ("1", "Failed")])
def test_it_is_left_out_by_hand_and_fails_where_it_is_expected(
    monkeypatch: pytest.MonkeyPatch, expected: str, outcome: str
) -> None:
    monkeypatch.setenv(EXPECTED, expected)
    with pytest.raises(BaseException, match="needs root") as raised:
        unfit("this needs root")
    assert type(raised.value).__name__ == outcome
