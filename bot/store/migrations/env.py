"""Alembic's environment: migrations run under the owner's role, in one transaction."""

from __future__ import annotations

from alembic import context

from bot.store.schema import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    include_name=lambda name, kind, _parents: kind != "table" or not str(name).startswith("procrastinate_"),
)
with context.begin_transaction():
    context.run_migrations()
