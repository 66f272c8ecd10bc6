"""The database of records: SQLite by default, any that SQLAlchemy and the migrations know."""
