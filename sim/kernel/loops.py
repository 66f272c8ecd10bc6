"""The algorithm. Plain Python as it stands, on lists; :mod:`sim.kernel.compile` compiles the same.

Arrivals are merged from their sorted array; only operators who will be free stand in a heap. Who
gives up is found out when an operator looks for a call, since who gave up never took one; where
the number of those waiting matters (room, lines, longest queue, redials) giving up is an event
(``eager``). At one instant: staff, ends, arrivals, overflow, giving up; among equals by number.
"""

from __future__ import annotations

from heapq import heappop, heappush, heapreplace
from typing import Any

from sim.kernel.shapes import Calls, Heaps, Room, Rules, Setting

INF = float("inf")
#: Ends of a tier of groups and of a class's last tier.
TIER, LAST = -1, -2
OPEN, ANSWERED, ABANDONED, BLOCKED, NEVER_CAME = -1, 0, 1, 2, -2
LONGEST_WAIT, SKILL_ORDER, LONGEST_QUEUE = 0, 1, 2
#: Places in ``Room.count``: operators who became idle so far, calls waiting, lines held, calls
#: that came so far.
IDLED, WAITING, LINES, CAME = 0, 1, 2, 3
#: Ends of a wrap-up come after ends of talks at the same instant: their order is so much higher.
WRITES_UP = 1 << 40


def fifo(calls: Calls, ends: Any, operators: int) -> None:
    """One line, one pool: each call goes to the operator who is free first (Kiefer-Wolfowitz)."""
    came, talk, wrap, deadline = calls.came, calls.talk, calls.wrap, calls.deadline
    order, who, wait, outcome = calls.order, calls.who, calls.wait, calls.outcome
    for call in range(len(order)):
        starts, last, now = ends[0][0], ends[0][1], came[call]
        starts = max(starts, now)
        if starts <= deadline[call]:
            number = last
            if number < 0:
                who[call] = number + operators
            else:
                who[call] = who[number if number < WRITES_UP else number - WRITES_UP]
            wait[call] = starts - now
            outcome[call] = ANSWERED
            heapreplace(ends, (starts + talk[call] + wrap[call], order[call]))


def route(calls: Calls, rules: Rules, room: Room, heaps: Heaps, setting: Setting) -> None:
    """The whole day: any rule, any limits."""
    times, came, skill, talk, wrap, deadline, order, _, _, who, wait, outcome, behind, slots = calls
    asks, asked, serves, served, late, lead, steps, _, _, _, _ = rules
    first, _, length, _, group_of, next_idle, since, home, idle_first, idle_last, going, count = (
        room
    )
    ends, _, talks, again = heaps
    drawn, operators, _, _, _, rule, _, _, eager = setting
    watched, arrival, period, border, other = eager or len(steps) > 0, 0, 0, 0.0, INF
    while True:
        end = ends[0][0]
        call, now = arrival, times[arrival]
        if eager and again[0][0] < now:
            call, now = again[0][1], again[0][0]
        if other < end and other < now and other < border:
            other = happen(calls, rules, room, heaps, setting)
        elif border <= end and border <= now:
            if border == INF:
                return
            period, border = change_staff(period, border, rules, room, ends, setting)
        elif now < end:
            if call < drawn:
                arrival += 1
            if eager and not finds_line(call, now, calls, room, heaps, setting):
                continue
            best = longest_idle(asks[skill[call]], asked, idle_first, since)
            if best >= 0:
                idle_first[group_of[best]] = next_idle[best]
                who[call], outcome[call], wait[call] = best, ANSWERED, 0.0
                heappush(ends, (now + talk[call] + wrap[call], order[call]))
                if eager:
                    heappush(talks, (now + talk[call], call))
            elif watched:
                other = wait_watched(call, now, calls, rules, room, heaps, setting)
            else:
                stand_in_line(call, skill[call], room.first, room.last, behind)
        else:
            person = who_frees(ends[0][1], operators, who, slots, eager)
            group = group_of[person]
            of = -1
            if going[group] == 0:
                of = class_to_serve(
                    end, serves[group], serves[group + 1], served, late, lead, rule,
                    first, length, behind, came, deadline,
                )  # fmt: skip
            if of >= 0:
                best = first[of]
                first[of] = behind[best]
                who[best], outcome[best], wait[best] = person, ANSWERED, end - came[best]
                heapreplace(ends, (end + talk[best] + wrap[best], order[best]))
                if eager:
                    leave_line(of, best, end + talk[best], length, count, talks)
            else:
                heappop(ends)
                if going[group] > 0:
                    going[group] -= 1
                    home[person] = 1
                else:
                    stand_by(person, group, next_idle, since, idle_first, idle_last, count)


def who_frees(number: int, operators: int, who: Any, slots: Any, eager: bool) -> int:
    """The operator of an end: one who comes to work has a negative number."""
    if number < 0:
        return number + operators
    call = number if number < WRITES_UP else number - WRITES_UP
    person: int = who[slots[call] if eager else call]
    return person


def leave_line(of: int, call: int, talked: float, length: Any, count: Any, talks: Any) -> None:
    """One less waits; the line is held until the end of the talk."""
    length[of] -= 1
    count[WAITING] -= 1
    heappush(talks, (talked, call))


def stand_by(
    person: int, group: int, next_idle: Any, since: Any, idle_first: Any, idle_last: Any, count: Any
) -> None:
    """Idle from now on: the last of the group to be taken."""
    next_idle[person] = -1
    count[IDLED] += 1
    since[person] = count[IDLED]
    if idle_first[group] < 0:
        idle_first[group] = person
    else:
        next_idle[idle_last[group]] = person
    idle_last[group] = person


def longest_idle(at: int, asked: Any, idle_first: Any, since: Any) -> int:
    """The longest idle operator of the first tier that has one, or -1."""
    best, longest = -1, INF
    while True:
        group = asked[at]
        if group >= 0:
            person = idle_first[group]
            if person >= 0 and since[person] < longest:
                best, longest = person, since[person]
        elif best >= 0 or group == LAST:
            return best
        at += 1


def class_to_serve(
    now: float, at: int, stop: int, served: Any, late: Any, lead: Any, rule: int,
    first: Any, length: Any, behind: Any, came: Any, deadline: Any,
) -> int:  # fmt: skip
    """Whose first in line an operator takes who is free, by the rule; -1: nobody waits.

    On the way those at the heads of lines who gave up are dropped.
    """
    best, least = -1, INF
    while at < stop:
        of = served[at]
        call = first[of]
        while call >= 0 and deadline[call] < now:
            call = behind[call]
        first[of] = call
        if call >= 0 and came[call] + late[at] < now:
            if rule == LONGEST_WAIT:
                key = came[call] - lead[of]
            elif rule == LONGEST_QUEUE:
                key = -float(length[of])
            else:
                key = float(at)
            if key < least or (key == least and rule == LONGEST_WAIT and call < first[best]):
                best, least = of, key
        at += 1
    return best


def stand_in_line(call: int, of: int, first: Any, last: Any, behind: Any) -> None:
    """The last in its class's line. The link stays when the line is empty: cursors follow it."""
    if last[of] >= 0:
        behind[last[of]] = call
    last[of] = call
    behind[call] = -1
    if first[of] < 0:
        first[of] = call


def finds_line(
    call: int, now: float, calls: Calls, room: Room, heaps: Heaps, setting: Setting
) -> bool:
    """Number an arrival; whether it finds a line. It holds one then, else it is blocked."""
    count, talks = room.count, heaps.talks
    if call >= setting.calls:
        heappop(heaps.again)
        calls.came[call] = now
        calls.deadline[call] += now
    calls.slots[count[CAME]] = call
    calls.order[call] += count[CAME]
    count[CAME] += 1
    while talks[0][0] <= now:
        heappop(talks)
        count[LINES] -= 1
    if count[LINES] >= setting.lines:
        block(call, now, calls, heaps, setting)
        return False
    count[LINES] += 1
    return True


def block(call: int, now: float, calls: Calls, heaps: Heaps, setting: Setting) -> None:
    """Refused: no line, or no room to wait."""
    calls.outcome[call] = BLOCKED
    calls.wait[call] = 0.0
    call_again(call, now, calls, heaps, setting)


def call_again(call: int, now: float, calls: Calls, heaps: Heaps, setting: Setting) -> None:
    """Who was not served may come again, while the centre is open."""
    to = calls.next_try[call]
    if to >= 0 and now + calls.after[to - setting.calls] < setting.day_s:
        heappush(heaps.again, (now + calls.after[to - setting.calls], to))


def wait_watched(
    call: int, now: float, calls: Calls, rules: Rules, room: Room, heaps: Heaps, setting: Setting
) -> float:
    """Waits where somebody keeps count or an overflow is due; when something else happens next."""
    of = calls.skill[call]
    if setting.eager:
        if room.count[WAITING] >= setting.places:
            room.count[LINES] -= 1
            block(call, now, calls, heaps, setting)
            return next_other(calls, rules, room, heaps)[0]
        room.count[WAITING] += 1
        room.length[of] += 1
        if calls.deadline[call] < INF:
            heappush(heaps.leaves, (calls.deadline[call], room.count[CAME] - 1))
    stand_in_line(call, of, room.first, room.last, calls.behind)
    for step in range(len(rules.step_class)):
        if rules.step_class[step] == of and room.cursor[step] < 0:
            room.cursor[step] = call
    return next_other(calls, rules, room, heaps)[0]


def next_other(calls: Calls, rules: Rules, room: Room, heaps: Heaps) -> tuple[float, int]:
    """When the next overflow is due or caller gives up, and the step (-1: who gives up)."""
    due, which = INF, -1
    for step in range(len(rules.step_class)):
        call = room.cursor[step]
        if call >= 0 and calls.came[call] + rules.step_after[step] < due:
            due, which = calls.came[call] + rules.step_after[step], step
    if heaps.leaves[0][0] < due:
        return heaps.leaves[0][0], -1
    return due, which


def happen(calls: Calls, rules: Rules, room: Room, heaps: Heaps, setting: Setting) -> float:
    """The next overflow or giving up; when the one after it comes."""
    now, step = next_other(calls, rules, room, heaps)
    if step < 0:
        call = calls.slots[heappop(heaps.leaves)[1]]
        if calls.outcome[call] == OPEN:
            calls.outcome[call] = ABANDONED
            calls.wait[call] = now - calls.came[call]
            calls.deadline[call] = -1.0
            room.length[calls.skill[call]] -= 1
            room.count[WAITING] -= 1
            room.count[LINES] -= 1
            call_again(call, now, calls, heaps, setting)
    else:
        call = room.cursor[step]
        room.cursor[step] = calls.behind[call]
        person = idle_by_now(step, rules, room)
        if person >= 0 and calls.outcome[call] == OPEN and calls.deadline[call] >= now:
            room.idle_first[room.group_of[person]] = room.next_idle[person]
            calls.who[call] = person
            calls.outcome[call] = ANSWERED
            calls.wait[call] = now - calls.came[call]
            calls.deadline[call] = -1.0
            heappush(heaps.ends, (now + calls.talk[call] + calls.wrap[call], calls.order[call]))
            if setting.eager:
                of, talked = calls.skill[call], now + calls.talk[call]
                leave_line(of, call, talked, room.length, room.count, heaps.talks)
    return next_other(calls, rules, room, heaps)[0]


def idle_by_now(step: int, rules: Rules, room: Room) -> int:
    """The longest idle of all groups that an overflow adds at the same instant, or -1."""
    best, longest = -1, INF
    for other in range(len(rules.step_class)):
        if (
            rules.step_class[other] == rules.step_class[step]
            and rules.step_after[other] == rules.step_after[step]
        ):
            person = room.idle_first[rules.step_group[other]]
            if person >= 0 and room.since[person] < longest:
                best, longest = person, room.since[person]
    return best


def change_staff(
    period: int, now: float, rules: Rules, room: Room, ends: Any, setting: Setting
) -> tuple[int, float]:
    """So many of each group are to work from now on: the next period and its border.

    Who comes ends a talk that never was, at this instant and before all others, by group and
    number: so he or she looks for a call, or is idle, like everybody else.
    """
    groups = len(rules.seats) - 1
    for group in range(groups):
        wanted = rules.staff[period * groups + group]
        more = wanted - (rules.staff[(period - 1) * groups + group] if period > 0 else 0)
        if more > 0:
            stay = min(more, room.leaving[group])
            room.leaving[group] -= stay
            more -= stay
            person = rules.seats[group]
            while more > 0:
                if room.home[person] > 0:
                    room.home[person] = 0
                    heappush(ends, (now, person - setting.operators))
                    more -= 1
                person += 1
        elif more < 0:
            room.leaving[group] += send_home(group, -more, room)
    if period + 1 < setting.periods:
        return period + 1, (period + 1) * setting.period_s
    return period + 1, INF


def send_home(group: int, number: int, room: Room) -> int:
    """Idle operators leave, the longest idle stay; how many more have to leave when they finish."""
    idle, person = 0, room.idle_first[group]
    while person >= 0:
        idle += 1
        person = room.next_idle[person]
    stay, last, person = idle - min(idle, number), -1, room.idle_first[group]
    for _ in range(stay):
        last, person = person, room.next_idle[person]
    if last >= 0:
        room.next_idle[last] = -1
        room.idle_last[group] = last
    else:
        room.idle_first[group] = -1
    while person >= 0:
        room.home[person] = 1
        person = room.next_idle[person]
    return number - min(idle, number)
