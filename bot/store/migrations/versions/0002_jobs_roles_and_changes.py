"""The job engine's own tables, the role the hotline works under, and the notice that something changed."""

from __future__ import annotations

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ROLE = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'hotline_app') THEN
        CREATE ROLE hotline_app NOLOGIN;
    END IF;
    EXECUTE format('GRANT hotline_app TO %I', current_user);
END $$;
GRANT USAGE ON SCHEMA public TO hotline_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO hotline_app;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO hotline_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO hotline_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO hotline_app;
REVOKE UPDATE, DELETE, TRUNCATE ON audit FROM hotline_app;
REVOKE UPDATE, DELETE, TRUNCATE ON receipt FROM hotline_app;
REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM hotline_app;
"""

# One notice for each row is enough: screens read what changed themselves, and PostgreSQL drops doubled notices
# of one transaction.
_CHANGES = """
CREATE FUNCTION hotline_notify_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('hotline_changes', NEW.conversation_id::text);
    RETURN NULL;
END $$;
CREATE TRIGGER inbound_changed AFTER INSERT OR UPDATE OF state ON inbound
    FOR EACH ROW EXECUTE FUNCTION hotline_notify_change();
CREATE TRIGGER outbound_changed AFTER INSERT OR UPDATE OF state ON outbound
    FOR EACH ROW EXECUTE FUNCTION hotline_notify_change();
CREATE TRIGGER case_changed AFTER INSERT OR UPDATE ON case_file
    FOR EACH ROW EXECUTE FUNCTION hotline_notify_change();
"""


def upgrade() -> None:
    """Go to this revision."""
    # On the driver's own cursor: procrastinate's file holds per cent signs that SQLAlchemy would read as places.
    cursor = op.get_bind().connection.cursor()
    for script in (SchemaManager.get_schema(), _ROLE, _CHANGES):
        cursor.execute(script)


def downgrade() -> None:
    """Refused: going back would drop jobs that stand for messages."""
    raise NotImplementedError("The first schema is not taken back; restore a backup instead.")
