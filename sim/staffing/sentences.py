"""What ``plan staff`` says, in the language asked for: first the answer, then why, then what one
operator fewer would do."""

from __future__ import annotations

from sim.staffing.answer import Answer, Fewer, Reach, names_of_intervals
from sim.staffing.look import Figure
from sim.staffing.targets import Reached, Target

_NAMES = {
    Reached.SL_OFFERED: ("つながりやすさ", "service level"),
    Reached.SL_INCL_BLOCKED: ("つながりやすさ(話し中を含む)", "service level with blocked calls"),
    Reached.ANSWER_RATE: ("応答率", "answer rate"),
}


def percent(figure: Figure) -> str:
    """``82.0 % ± 0.3``; without a half-width where there is none."""
    half = f" ± {100 * figure.half_width:.1f}" if figure.half_width == figure.half_width else ""
    return f"{100 * figure.value:.1f} %{half}"


def name_of(target: Target, japanese: bool, threshold_s: float | None = None) -> str:
    """A target's share in words, ``A: つながりやすさ(20秒以内)``."""
    name = _NAMES[target.reached][0 if japanese else 1]
    limit = target.threshold_s or threshold_s
    if target.reached is not Reached.ANSWER_RATE and limit is not None:
        name += f"({limit:g}秒以内)" if japanese else f" within {limit:g} s"
    return f"{target.skill}: {name}" if target.skill else name


def sentences(answer: Answer, japanese: bool) -> list[str]:
    """The whole answer."""
    lines = [_first(answer, japanese), _surely(answer, japanese), _checked(answer, japanese)]
    lines += [_fewer(answer, each, japanese) for each in answer.fewer]
    return lines


def threshold_of(answer: Answer, target: Target) -> float | None:
    """The threshold of a target's calls, where it is one."""
    own = {
        each.threshold_s for each in answer.scenario.classes if target.skill in (None, each.name)
    }
    return own.pop() if len(own) == 1 else None


def _numbers(answer: Answer, at: int, japanese: bool) -> str:
    groups = answer.scenario.groups
    parts = [
        f"{group.name} {int(row[at])}{'人' if japanese else ''}"
        for group, row in zip(groups, answer.found.staffing, strict=True)
    ]
    return ("、" if japanese else ", ").join(parts)


def _first(answer: Answer, japanese: bool) -> str:
    names = names_of_intervals(answer.scenario)
    cost = f"{answer.found.cost:,.2f}".rstrip("0").rstrip(".")
    if len(names) == 1:
        staff = _numbers(answer, 0, japanese)
        if japanese:
            return f"{staff}で目標を満たします。費用は{cost}で、最も安い組み合わせです。"
        return f"{staff}: this meets the targets at the least cost, {cost}."
    busiest = int(answer.found.staffing.sum(axis=0).argmax())
    staff = _numbers(answer, busiest, japanese)
    if japanese:
        return (
            f"最も多くの人が要るのは{names[busiest]}からで、{staff}です。"
            f"すべての時間帯で目標を満たす1日の費用は{cost}(人×時間帯)です。"
        )
    return (
        f"Most are needed from {names[busiest]}: {staff}. Meeting the targets in every interval "
        f"costs {cost} a day (operators × intervals)."
    )


def _surely(answer: Answer, japanese: bool) -> str:
    found = answer.found
    linear = f"{found.linear_bound:,.1f}"
    if found.bound is None:
        gap = f"{100 * found.gap:.1f} %"
        if japanese:
            return (
                f"組み合わせが多いため、すべては調べていません。仕事量だけから決まる下限は"
                f"{linear}で、差は最大{gap}です。"
            )
        return (
            "There are too many combinations to rule out each of them. No staffing with enough "
            f"hands for the work costs less than {linear}: the gap is at most {gap}."
        )
    several = found.staffing.shape[1] > 1
    if found.gap < 1e-9:
        if japanese:
            extra = "(各時間帯ごとに、他の時間帯はそのままとして)" if several else ""
            return (
                f"これより安い組み合わせ{extra}は、この標本ではどれも目標に届きません"
                f"({found.simulations}通りを模擬しました)。仕事量だけから決まる下限は{linear}です。"
            )
        extra = ", each interval by itself with the others as they are" if several else ""
        return (
            f"Nothing cheaper meets them on these days{extra}: all of it was ruled out, "
            f"{found.simulations} staffings by simulation. The work alone would cost {linear}."
        )
    gap = f"{100 * found.gap:.1f} %"
    if japanese:
        return (
            f"これより最大{gap}安い組み合わせが残っているかもしれません(下限{found.bound:,.1f})。"
        )
    return f"Up to {gap} cheaper may be possible: the bound is {found.bound:,.1f}."


def _checked(answer: Answer, japanese: bool) -> str:
    tightest = min(answer.reached, key=lambda each: each.figure.value - each.target.at_least)
    what = _where(answer, tightest, japanese)
    missed = answer.missed
    if missed:
        what = "、".join(_where(answer, each, japanese) for each in missed[:3])
        if japanese:
            return f"別の日で確かめると届きません: {what}。--precision で標本を大きくしてください。"
        return f"On fresh days these are missed: {what}. Ask for a larger sample with --precision."
    if japanese:
        return f"別の{answer.fresh_days:,}日で確かめました。最も余裕がないのは{what}です。"
    return f"Checked on {answer.fresh_days:,} other days; the tightest is {what}."


def _where(answer: Answer, each: Reach, japanese: bool) -> str:
    name = name_of(each.target, japanese, threshold_of(answer, each.target))
    at = names_of_intervals(answer.scenario)[each.interval]
    target = f"{100 * each.target.at_least:g} %"
    if japanese:
        return f"{at + 'からの' if at else ''}{name} {percent(each.figure)}(目標{target})"
    return f"{name}{' from ' + at if at else ''} {percent(each.figure)} (target {target})"


def _fewer(answer: Answer, each: Fewer, japanese: bool) -> str:
    group = answer.scenario.groups[each.group].name
    worst = min(range(len(each.changes)), key=lambda number: each.changes[number].value)
    target = answer.targets[worst]
    name = name_of(target, japanese, threshold_of(answer, target))
    change, value = each.changes[worst], percent(each.values[worst])
    points = f"{100 * change.value:+.1f} ± {100 * change.half_width:.1f}"
    number = answer.found.staffing.shape[1]
    if japanese:
        missed = f"{number}の時間帯のうち{each.missed}で" if number > 1 else ""
        end = f"{missed}目標に届きません" if each.missed else "目標は保たれます"
        return f"{group}を1人減らすと: {name} {value}({points}ポイント)、{end}。"
    missed = f" in {each.missed} of {number} intervals" if number > 1 else ""
    end = f"the targets are missed{missed}" if each.missed else "the targets still hold"
    return f"One {group} fewer: {name} {value} ({points} points), {end}."
