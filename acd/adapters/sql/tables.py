"""The tables of the ledger. Columns of a row table are the fields of its struct, in order.

Times are Unix milliseconds, durations integer milliseconds, enums their values. Migrations under
``migrations/`` make these tables; a test holds the two equal.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    false,
)

metadata = MetaData()
#: What a table's ``info`` calls the column by which PostgreSQL finds the part of a row.
PARTED_BY = "parted_by"

calls = Table(
    "calls",
    metadata,
    Column("call", String, primary_key=True),
    Column("switch", String, nullable=False),
    Column("trunk", String, nullable=False),
    Column("dialled", String, nullable=False),
    Column("caller_kind", String, nullable=False),
    Column("caller_number", String, nullable=False),
    Column("listed", Boolean, nullable=False),
    Column("adopted", Boolean, nullable=False),
    Column("source", String, nullable=False),
    Column("offered_ms", BigInteger, nullable=False),
    Column("closed_ms", BigInteger, nullable=False),
    Column("outcome", String, nullable=False),
    Column("cause", Integer, nullable=False),
    Column("call_type", String),
    Column("language", String, nullable=False),
    Column("detail", String, nullable=False),
    Column("answered_ms", BigInteger),
    Column("menu_ms", BigInteger, nullable=False),
    Column("wait_ms", BigInteger, nullable=False),
    Column("talk_ms", BigInteger, nullable=False),
    Column("hold_ms", BigInteger, nullable=False),
    Column("after_ms", BigInteger, nullable=False),
    Column("visits", Integer, nullable=False),
    Column("legs", Integer, nullable=False),
    Column("transfers", Integer, nullable=False),
    Column("disposition", String, nullable=False),
    Column("resolved", Boolean),
    Column("forwarded", Integer, nullable=False),
    Column("drill", Boolean, nullable=False, server_default=false()),
    Column("survey_asked", Boolean, nullable=False, server_default=false()),
    Column("survey", Integer),
    Column("queue", String, nullable=False, server_default=""),
    Column("agent", String, nullable=False, server_default=""),
    Column("skills", String, nullable=False, server_default=""),
    Column("returned", Integer, nullable=False, server_default="0"),
    Index("calls_offered", "offered_ms"),
    Index("calls_of_number", "caller_number", "offered_ms"),
)

visits = Table(
    "visits",
    metadata,
    Column("call", String, primary_key=True),
    Column("visit", String, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("queue", String, nullable=False),
    Column("call_type", String, nullable=False),
    Column("language", String, nullable=False),
    Column("priority", Integer),
    Column("entered_ms", BigInteger, nullable=False),
    Column("ended_ms", BigInteger, nullable=False),
    Column("outcome", String, nullable=False),
    Column("wait_ms", BigInteger, nullable=False),
    Column("caller_ms", BigInteger, nullable=False),
    Column("offers", Integer, nullable=False),
    Column("agent", String),
    Column("rule", String),
    Column("target_kind", String),
    Column("target", String, nullable=False),
    Column("drill", Boolean, nullable=False, server_default=false()),
    Column("came_ms", BigInteger, nullable=False, server_default="0"),
    Column("dialled", String, nullable=False, server_default=""),
    Column("trunk", String, nullable=False, server_default=""),
    Column("skills", String, nullable=False, server_default=""),
    Index("visits_entered", "entered_ms"),
    Index("visits_came", "came_ms"),
)

legs = Table(
    "legs",
    metadata,
    Column("call", String, primary_key=True),
    Column("offer", String, primary_key=True),
    Column("visit", String, nullable=False),
    Column("queue", String, nullable=False),
    Column("agent", String, nullable=False),
    Column("offered_ms", BigInteger, nullable=False),
    Column("ring_ms", BigInteger, nullable=False),
    Column("result", String),
    Column("answered_ms", BigInteger),
    Column("ended_ms", BigInteger),
    Column("talk_ms", BigInteger, nullable=False),
    Column("hold_ms", BigInteger, nullable=False),
    Column("holds", Integer, nullable=False),
    Column("wrap_up_ms", BigInteger, nullable=False),
    Column("ended_by", String),
    Column("target_kind", String),
    Column("target", String, nullable=False),
    Column("drill", Boolean, nullable=False, server_default=false()),
    Column("came_ms", BigInteger, nullable=False, server_default="0"),
    Column("dialled", String, nullable=False, server_default=""),
    Column("trunk", String, nullable=False, server_default=""),
    Column("call_type", String),
    Column("language", String, nullable=False, server_default=""),
    Column("skills", String, nullable=False, server_default=""),
    Index("legs_offered", "offered_ms"),
    Index("legs_came", "came_ms"),
)

#: Stretches of one operator do not overlap.
agent_spans = Table(
    "agent_spans",
    metadata,
    Column("agent", String, primary_key=True),
    Column("start_ms", BigInteger, primary_key=True, autoincrement=False),
    Column("end_ms", BigInteger, nullable=False),
    Column("state", String, nullable=False),
    Column("reason", String),
    Index("agent_spans_start", "start_ms"),
)

segments = Table(
    "segments",
    metadata,
    Column("call", String, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("kind", String, nullable=False),
    Column("start_ms", BigInteger, nullable=False),
    Column("duration_ms", BigInteger, nullable=False),
    Column("end", String, nullable=False),
    Column("queue", String, nullable=False),
    Column("offer", String, nullable=False),
    Column("agent", String, nullable=False),
)

outside_calls = Table(
    "outside_calls",
    metadata,
    Column("call", String, primary_key=True),
    Column("agent", String, nullable=False),
    Column("number", String, nullable=False),
    Column("started_ms", BigInteger, nullable=False),
    Column("picked_up_ms", BigInteger),
    Column("answered_ms", BigInteger),
    Column("ended_ms", BigInteger, nullable=False),
    Column("talk_ms", BigInteger, nullable=False),
    Column("outcome", String, nullable=False),
    Column("trunk", String, nullable=False, server_default=""),
    Index("outside_calls_started", "started_ms"),
)

#: ``sums`` is those of each value of the dimension: see acd.adapters.sql.tallies.
tallies = Table(
    "tallies",
    metadata,
    Column("quarter_ms", BigInteger, primary_key=True, autoincrement=False),
    Column("dim", String, primary_key=True),
    Column("sums", LargeBinary, nullable=False),
)

#: Which quarters' sums hold. ``version`` grows with every row that is stored for the quarter.
tally_quarters = Table(
    "tally_quarters",
    metadata,
    Column("quarter_ms", BigInteger, primary_key=True, autoincrement=False),
    Column("version", BigInteger, nullable=False),
    Column("holds", Boolean, nullable=False),
    Column("shape", String, nullable=False),
)

roster = Table(
    "roster",
    metadata,
    Column("agent", String, primary_key=True),
    Column("from_ms", BigInteger, primary_key=True, autoincrement=False),
    Column("to_ms", BigInteger, nullable=False),
    Column("kind", String, nullable=False),
    Index("roster_from", "from_ms"),
)

parties = Table(
    "parties",
    metadata,
    Column("call", String, primary_key=True),
    Column("party", String, primary_key=True),
    Column("agent", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("target_kind", String, nullable=False),
    Column("target", String, nullable=False),
    Column("number", String, nullable=False),
    Column("asked_ms", BigInteger, nullable=False),
    Column("ring_ms", BigInteger, nullable=False),
    Column("answered_ms", BigInteger),
    Column("ended_ms", BigInteger, nullable=False),
    Column("talk_ms", BigInteger, nullable=False),
    Column("result", String, nullable=False),
    Index("parties_asked", "asked_ms"),
)

dispositions = Table(
    "dispositions",
    metadata,
    Column("call", String, primary_key=True),
    Column("agent", String, primary_key=True),
    Column("at_ms", BigInteger, primary_key=True),
    Column("code", String, nullable=False),
    Column("resolved", Boolean),
    Column("call_type", String),
    Column("note", String, nullable=False, server_default=""),
)

dropped = Table(
    "dropped",
    metadata,
    Column("stream", String, primary_key=True),
    Column("first_seq", BigInteger, primary_key=True),
    Column("last_seq", BigInteger, nullable=False),
    Column("steps", BigInteger, nullable=False),
    Column("outcomes_lost", BigInteger, nullable=False),
)

#: ``detail`` is the frame's: see acd.app.frames. On PostgreSQL it lies in parts of one month, and
#: ``at_ms``, which says in which, belongs to the key (acd.adapters.sql.journal_months).
journal = Table(
    "journal",
    metadata,
    Column("stream", String, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("schema", Integer, nullable=False),
    Column("detail", LargeBinary, nullable=False),
    info={PARTED_BY: "at_ms"},
)

#: How far each log has been stored: written in the transaction that stores its rows.
positions = Table(
    "positions",
    metadata,
    Column("stream", String, primary_key=True),
    Column("seq", BigInteger, nullable=False),
)

snapshots = Table(
    "snapshots",
    metadata,
    Column("stream", String, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("schema", Integer, nullable=False),
    Column("engine", LargeBinary, nullable=False),
    Column("book", LargeBinary, nullable=False),
)

#: ``totp`` is sealed (acd.adapters.sql.people), ``password`` hashed.
people = Table(
    "people",
    metadata,
    Column("user", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("roles", String, nullable=False),
    Column("agent", String, nullable=False),
    Column("password", String, nullable=False),
    Column("totp", String, nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("changed_ms", BigInteger, nullable=False),
    Column("valid_from_ms", BigInteger, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", String, primary_key=True),
    Column("user", String, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("seen_ms", BigInteger, nullable=False),
)

sign_ins = Table(
    "sign_ins",
    metadata,
    Column("key", String, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("first_ms", BigInteger, nullable=False),
    Column("locked_until_ms", BigInteger, nullable=False),
    Column("totp_step", BigInteger, nullable=False),
    Column("signed_in_ms", BigInteger, nullable=False),
)

#: Triggers refuse to change or delete a row: see the migration that makes it.
operations = Table(
    "operations",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("kind", String, nullable=False),
    Column("who", String, nullable=False),
    Column("role", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("allowed", Boolean, nullable=False),
    Column("digest", String, nullable=False),
    Index("operations_at", "at_ms"),
)

#: ``gaps`` is JSON. The sound itself is in the vault (acd.adapters.recordings).
recordings = Table(
    "recordings",
    metadata,
    Column("id", String, primary_key=True),
    Column("call", String, nullable=False),
    Column("offer", String, nullable=False),
    Column("agent", String, nullable=False),
    Column("queue", String, nullable=False),
    Column("dialled", String, nullable=False),
    Column("started_ms", BigInteger, nullable=False),
    Column("duration_ms", BigInteger, nullable=False),
    Column("stored_ms", BigInteger, nullable=False),
    Column("expires_ms", BigInteger, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("sha256", String, nullable=False),
    Column("gaps", String, nullable=False),
    Column("waveform", LargeBinary, nullable=False),
    Column("status", String, nullable=False),
    Column("held_ms", BigInteger),
    Column("held_by", String, nullable=False),
    Column("hold_reason", String),
    Index("recordings_started", "started_ms"),
    Index("recordings_call", "call"),
    Index("recordings_expires", "status", "expires_ms"),
)

#: Each row's hash covers the row before it; triggers refuse to change or delete one.
recording_deletions = Table(
    "recording_deletions",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("recording", String, nullable=False, unique=True),
    Column("call", String, nullable=False),
    Column("sha256", String, nullable=False),
    Column("deleted_ms", BigInteger, nullable=False),
    Column("reason", String, nullable=False),
    Column("by", String, nullable=False),
    Column("previous", String, nullable=False),
    Column("hash", String, nullable=False),
)

#: One row: the newest fencing token, whose it is, and since when (``acd.adapters.sql.fence``).
leadership = Table(
    "leadership",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("token", BigInteger, nullable=False),
    Column("node", String, nullable=False),
    Column("since_ms", BigInteger, nullable=False),
)

#: Availability is made of these: a controller that leads lengthens its own every few seconds.
alarms = Table(
    "alarms",
    metadata,
    Column("alarm", String, primary_key=True),
    Column("subject", String, primary_key=True),
    Column("since_ms", BigInteger, primary_key=True, autoincrement=False),
    Column("until_ms", BigInteger, nullable=True),
    Column("told", String, nullable=False),
    Column("detail", String, nullable=False),
    Index("alarms_until", "until_ms"),
)
service_stretches = Table(
    "service_stretches",
    metadata,
    Column("from_ms", BigInteger, primary_key=True, autoincrement=False),
    Column("node", String, primary_key=True),
    Column("to_ms", BigInteger, nullable=False),
    Column("state", String, nullable=False),
    Index("service_stretches_to", "to_ms"),
)
