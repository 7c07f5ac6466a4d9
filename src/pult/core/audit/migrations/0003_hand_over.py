"""Two records of one person may become one: the reference to the actor then moves, and nothing else of an entry does.

Only the very pair that the transaction has named (`pult.audit_hand_over`, see `hand_over`) may move, so a slip
elsewhere in the code changes no entry.
"""

from django.db import migrations

GUARD = """
CREATE OR REPLACE FUNCTION audit_entry_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'actor_id' = to_jsonb(OLD) - 'actor_id' AND (
        NEW.actor_id IS NULL
        OR current_setting('pult.audit_hand_over', true) = OLD.actor_id || '>' || NEW.actor_id
    ) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'entries of the audit trail are never changed' USING ERRCODE = 'restrict_violation';
END $$;
"""
FORMER = """
CREATE OR REPLACE FUNCTION audit_entry_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.actor_id IS NULL
        AND to_jsonb(NEW) - 'actor_id' = to_jsonb(OLD) - 'actor_id' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'entries of the audit trail are never changed' USING ERRCODE = 'restrict_violation';
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_immutable")]
    operations = [migrations.RunSQL(GUARD, FORMER)]
