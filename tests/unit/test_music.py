"""Who hears music while they wait: everybody, until there is a crowd."""

from __future__ import annotations

import pytest

from acd.app.music import Music
from acd.errors import SwitchUnavailable


class Hold:
    """How many wait, and what the switch was told."""

    def __init__(self) -> None:
        self.waiting = 0
        self.told: list[bool] = []
        self.away = False
        self.music = Music(10, lambda: self.waiting, self.tell)

    async def tell(self, music: bool) -> None:
        if self.away:
            raise SwitchUnavailable("away")
        self.told.append(music)

    async def look(self, waiting: int) -> bool:
        self.waiting = waiting
        await self.music.look()
        return self.music.quiet


async def test_a_crowd_ends_the_music_and_it_comes_back_when_the_crowd_is_well_down() -> None:
    hold = Hold()
    quiet = [await hold.look(n) for n in (0, 10, 11, 10, 9, 8, 10, 11)]
    assert quiet == [False, False, True, True, True, False, False, True]
    assert hold.told == [True, False, True, False]


async def test_a_switch_that_was_away_or_started_anew_is_told_again() -> None:
    hold = Hold()
    hold.away = True
    await hold.look(11)
    assert hold.told == []
    hold.away = False
    await hold.look(11)
    hold.music.forget()
    await hold.look(11)
    assert hold.told == [False, False]


@pytest.mark.parametrize(("limit", "quiet"), [(0, True), (1, False)])
async def test_the_limit_itself_still_has_music(limit: int, quiet: bool) -> None:
    hold = Hold()
    hold.music = Music(limit, lambda: 1, hold.tell)
    assert await hold.look(1) is quiet
