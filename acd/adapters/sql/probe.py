"""Whether the database of the settings can be used: known, reachable, writable. Leaves no trace."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import sqlalchemy
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from acd.adapters.sql.database import sqlite_file
from acd.errors import ConfigError, Fault, StoreUnavailable

#: The drivers that are proven and installed with us, by what stands before ``://``.
DRIVERS = ("sqlite+aiosqlite", "postgresql+psycopg")
#: How long the database may take to answer.
ANSWER_S = 5
#: Where the setting stands, for faults.
KEY = "settings.toml:store.database_url"


def probe(url: str) -> str:
    """Try the database and return its name without the password. Blocks for seconds at most.

    Raises ConfigError for a URL that cannot work, StoreUnavailable for a database that does not
    answer or cannot be written; both say what to do.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise _no_url(
            "is no database URL: write postgresql+psycopg://USER:PASSWORD@HOST/NAME, or leave it "
            "empty for SQLite",
            "はデータベースのURLではありません。"
            "postgresql+psycopg://ユーザー:パスワード@ホスト/名前 と書くか、"
            "空にしてください(空ならSQLite)。",
        ) from None
    if parsed.drivername not in DRIVERS:
        raise _no_url(
            f"names {parsed.drivername!r}: only {' and '.join(DRIVERS)} are known",
            f"の {parsed.drivername!r} は使えません。使えるのは {' と '.join(DRIVERS)} です。",
        )
    file = sqlite_file(url)
    if file is not None:
        _try_file(file)
    elif parsed.get_backend_name() != "sqlite":
        _try_server(parsed)
    return parsed.render_as_string(hide_password=True)


def _no_url(message: str, ja: str) -> ConfigError:
    return ConfigError([Fault(KEY, message, ja)])


def _try_file(file: Path) -> None:
    if not file.exists():
        folder = next(each for each in file.absolute().parents if each.exists())
        if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
            raise StoreUnavailable(
                f"{file} cannot be made: {folder} is not a folder that you may write to. Choose "
                "another state_dir or database_url, or give yourself the right to write there.",
                ja=f"{file} を作れません。{folder} に書き込めないためです。"
                "state_dir か database_url を変えるか、書き込みの権限を付けてください。",
            )
        return
    try:
        connection = sqlite3.connect(
            f"{file.absolute().as_uri()}?mode=rw", uri=True, timeout=ANSWER_S, isolation_level=None
        )
        try:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("CREATE TABLE madoguchi_probe (a INTEGER)")
            connection.execute("ROLLBACK")
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise StoreUnavailable(
            f"{file} cannot be written ({error}). Look at its owner and rights, the room on the "
            "disk, and whether another program holds it locked.",
            ja=f"{file} に書き込めません ({error})。所有者と権限、ディスクの空き、"
            "ほかのプログラムのロックを確かめてください。",
        ) from error


def _try_server(url: URL) -> None:
    shown = url.render_as_string(hide_password=True)
    try:
        engine = sqlalchemy.create_engine(
            url, hide_parameters=True, connect_args={"connect_timeout": ANSWER_S}
        )
        try:
            with engine.connect() as connection:
                connection.exec_driver_sql(f"SET statement_timeout = {ANSWER_S * 1000}")
                connection.exec_driver_sql("CREATE TABLE madoguchi_probe (a INTEGER)")
                connection.rollback()
        finally:
            engine.dispose()
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or type(error).__name__).splitlines()[0]
        raise StoreUnavailable(
            f"{shown} cannot be used ({reason}). Look whether the server runs, the database "
            "exists, and the user may make tables in it.",
            ja=f"{shown} を使えません ({reason})。サーバーが動いているか、"
            "データベースがあるか、そのユーザーが表を作れるかを確かめてください。",
        ) from error
