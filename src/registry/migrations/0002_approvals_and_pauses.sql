-- Who may be asked for approval, and which workflows are paused. Times are epoch milliseconds, JSON is text.

-- `teams` and `identities` are JSON lists of text. The names of people and those of their teams are one namespace, so
-- that a name in an approval means one thing only; whoever writes a row checks that.
CREATE TABLE approvers (
	tenant TEXT NOT NULL REFERENCES tenants (name) ON DELETE CASCADE,
	name TEXT NOT NULL,
	title TEXT NOT NULL,
	email TEXT,
	teams TEXT NOT NULL,
	identities TEXT NOT NULL,
	revision TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	updated_at INTEGER NOT NULL,
	PRIMARY KEY (tenant, name)
) STRICT, WITHOUT ROWID;

-- Null: not paused.
ALTER TABLE workflows ADD COLUMN paused_at INTEGER;
ALTER TABLE workflows ADD COLUMN paused_by TEXT;

-- Delivery asks every few seconds which workflows are paused, and seldom is one.
CREATE INDEX workflows_paused ON workflows (tenant, name) WHERE paused_at IS NOT NULL;

-- The person whom a token belongs to; null for a token that belongs to nobody in particular.
ALTER TABLE api_tokens ADD COLUMN approver TEXT;

CREATE INDEX api_tokens_by_approver ON api_tokens (tenant, approver) WHERE approver IS NOT NULL;

-- A trigger, so that no writer can forget: whoever is no approver any more holds no token that says so.
CREATE TRIGGER approvers_deleted AFTER DELETE ON approvers
BEGIN
	DELETE FROM api_tokens WHERE tenant = OLD.tenant AND approver = OLD.name;
END;
