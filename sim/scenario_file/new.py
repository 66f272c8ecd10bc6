"""A scenario to begin with, every line explained."""

from __future__ import annotations

_JA = """\
# シナリオ: 電話の窓口の一日。単位を必ず付けます。
# 単位:     180s (秒)、4m (分)、1h (時間)、194/h (1時間に194件)
# 使い方:   madoguchi plan run このファイル
#           madoguchi plan run このファイル --absent 2 --surge 1.3

name = "my-centre"
opens_at = "08:30"        # 受付を始める時刻
period = "1h"             # 下の一覧の1つ分の長さ
threshold = "20s"         # 「つながりやすさ」で数える、待ち時間の上限
# lines = 30              # 回線(同時通話数)の上限。書かなければ足りないことはないものとします
# waiting_places = 20     # 待てる人数の上限
# busyness = 28.7         # 日ごとの混み方のばらつき (大きいほど毎日同じ)
# redial = "30%"          # あきらめた人のうち、かけ直す割合
# redial_after = "5m"     # かけ直すまでの平均

[calls.enquiries]         # 電話の種類ごとに1つ。名前は自由です
per_day = 1190            # 1日の件数
shares = [4.0, 13.2, 16.3, 12.8, 8.5, 12.0, 12.3, 10.2, 7.6] # 各時間帯の割合(合計は100でなくてよい)
# arrivals = "194/h"      # 割合の代わりに、件数を直接書くこともできます
talk = { kind = "lognormal", mean = "210s", scv = 0.8 } # 通話。"210s" だけなら指数分布
wrap_up = "30s"           # 後処理
patience = "120s"         # あきらめるまでの平均。"never" ならあきらめません
# prefers = ["experts", "all"] # 先に探すグループの順

[groups.operators]        # 同じ仕事ができる人の集まりごとに1つ
seats = [6, 13, 16, 14, 10, 13, 13, 11, 9] # 各時間帯の席数。1つだけ書けば一日同じ
skills = ["enquiries"]    # 受けられる電話の種類

[targets]                 # 目標。"none" ならその目標はありません
answer_rate = "90%"       # 一日の応答率
service_level = "80%"     # threshold 以内に応答する割合(全着信のうち)
worst_hour = "80%"        # 最も低い時間帯の応答率
blocked = "1%"            # 回線や待つ場所がなくて断る割合

[people]
absence = "0%"            # 予定した人が、その日に欠ける確率
# break_every = "1h"      # 画面に向かう時間がこれだけ続いたら、
# break_length = "10m"    # これだけ休みます(席数は、休んでいる人も含めた人数になります)

# 次の2つは、製品のエンジンでの模擬(--engine twin)でだけ再現します。
# [menu]                  # 窓口の列に入る前の案内
# length = "25s"          # 案内にかかる時間の平均
# leaves = "4%"           # 案内の途中で切る人の割合
# [ringing]               # オペレーターの電話
# length = "4s"           # 鳴ってから取るまでの平均
# unanswered = "2%"       # 誰も取らない割合
# timeout = "15s"         # それだけ鳴ったら次の人へ
# away = "30s"            # 取らなかった人が受付に戻るまで
"""

_EN = """\
# A scenario: one day of a service line. Units are always written:
# 180s, 4m, 1h, 194/h (calls per hour).
# To use it: madoguchi plan run THIS-FILE
#            madoguchi plan run THIS-FILE --absent 2 --surge 1.3

name = "my-centre"
opens_at = "08:30"        # when the first period begins
period = "1h"             # how long each value of the lists below holds
threshold = "20s"         # waits up to this count as answered in time
# lines = 30              # channels in all; left out: never too few
# waiting_places = 20     # how many may wait at once
# busyness = 28.7         # how much days differ (the larger, the more alike)
# redial = "30%"          # of those who gave up, how many call again
# redial_after = "5m"     # after so long in the mean

[calls.enquiries]         # one table for each kind of call; its name is free
per_day = 1190            # calls a day
shares = [4.0, 13.2, 16.3, 12.8, 8.5, 12.0, 12.3, 10.2, 7.6] # of each period, in any unit
# arrivals = "194/h"      # instead of both: calls per time
talk = { kind = "lognormal", mean = "210s", scv = 0.8 } # "210s" alone is exponential
wrap_up = "30s"           # work after the call
patience = "120s"         # mean time until a caller gives up; "never": nobody does
# prefers = ["experts", "all"] # the groups in the order in which they are asked

[groups.operators]        # one table for each group of people who can do the same
seats = [6, 13, 16, 14, 10, 13, 13, 11, 9] # operators in each period; a single number holds all day
skills = ["enquiries"]    # the kinds of calls they take

[targets]                 # "none": there is no such target
answer_rate = "90%"       # of the day
service_level = "80%"     # of all calls, answered within the threshold
worst_hour = "80%"        # answer rate of the worst hour
blocked = "1%"            # refused for want of a line or a place to wait

[people]
absence = "0%"            # chance of each operator to be missing on a day
# break_every = "1h"      # after so long at the screen everybody takes
# break_length = "10m"    # a break (seats then count those in a break as well)

# These two are played by the product's own engine alone (--engine twin).
# [menu]                  # before callers wait
# length = "25s"          # mean time in the menu
# leaves = "4%"           # of the callers who hang up in it
# [ringing]               # operators' telephones
# length = "4s"           # mean time until one is answered
# unanswered = "2%"       # rings that nobody answers:
# timeout = "15s"         # after so long the next operator is rung,
# away = "30s"            # and the first takes calls again after so long
"""


def commented(lang: str) -> str:
    """The text of the file, in ``ja`` or ``en``."""
    return _JA if lang == "ja" else _EN
