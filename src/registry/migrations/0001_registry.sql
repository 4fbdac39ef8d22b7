-- Configuration: who may send what, where to, and which workflows act on it. Times are epoch milliseconds, JSON is text.
-- `revision` is random and new with every change: an ETag of a row, and of a tenant the sign that its configuration
-- has to be read again. Random, because a thing that was deleted and made again must not repeat an old one.

CREATE TABLE tenants (
	name TEXT PRIMARY KEY,
	title TEXT NOT NULL,
	revision TEXT NOT NULL,
	created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sources (
	tenant TEXT NOT NULL REFERENCES tenants (name) ON DELETE CASCADE,
	name TEXT NOT NULL,
	connector TEXT NOT NULL,
	config TEXT NOT NULL,
	revision TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	updated_at INTEGER NOT NULL,
	PRIMARY KEY (tenant, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE source_secrets (
	tenant TEXT NOT NULL,
	source TEXT NOT NULL,
	id TEXT NOT NULL,
	sealed TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	expires_at INTEGER,
	PRIMARY KEY (tenant, source, id),
	FOREIGN KEY (tenant, source) REFERENCES sources (tenant, name) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE connections (
	tenant TEXT NOT NULL REFERENCES tenants (name) ON DELETE CASCADE,
	name TEXT NOT NULL,
	connector TEXT NOT NULL,
	owner TEXT NOT NULL,
	config TEXT NOT NULL,
	credentials TEXT NOT NULL,
	revision TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	updated_at INTEGER NOT NULL,
	PRIMARY KEY (tenant, name)
) STRICT, WITHOUT ROWID;

-- `current` is the version that new events meet; null once the workflow is retired.
CREATE TABLE workflows (
	tenant TEXT NOT NULL REFERENCES tenants (name) ON DELETE CASCADE,
	name TEXT NOT NULL,
	current INTEGER,
	revision TEXT NOT NULL,
	PRIMARY KEY (tenant, name)
) STRICT, WITHOUT ROWID;

-- Never changed and never deleted while the tenant lives: runs are pinned to versions. Documents are large, which
-- is what a table with row ids is for. `sources` and `connections` are the names that the document refers to.
CREATE TABLE workflow_versions (
	tenant TEXT NOT NULL,
	workflow TEXT NOT NULL,
	version INTEGER NOT NULL,
	hash TEXT NOT NULL,
	document TEXT NOT NULL,
	sources TEXT NOT NULL,
	connections TEXT NOT NULL,
	message TEXT NOT NULL,
	published_by TEXT NOT NULL,
	published_at INTEGER NOT NULL,
	PRIMARY KEY (tenant, workflow, version),
	FOREIGN KEY (tenant, workflow) REFERENCES workflows (tenant, name) ON DELETE CASCADE
) STRICT;

CREATE TABLE api_tokens (
	id TEXT PRIMARY KEY,
	tenant TEXT NOT NULL REFERENCES tenants (name) ON DELETE CASCADE,
	title TEXT NOT NULL,
	hash TEXT NOT NULL,
	scopes TEXT NOT NULL,
	created_by TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	expires_at INTEGER NOT NULL,
	last_used_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX api_tokens_by_tenant ON api_tokens (tenant, id);

CREATE TRIGGER workflow_versions_stay BEFORE UPDATE ON workflow_versions
BEGIN
	SELECT RAISE(ABORT, 'a published version never changes');
END;

-- Objects, journals and archives are named by their tenant and outlive it: a name is never given to another.
CREATE TABLE former_tenants (
	name TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE TRIGGER tenants_deleted AFTER DELETE ON tenants
BEGIN
	INSERT INTO former_tenants (name) VALUES (OLD.name);
END;

-- Triggers, so that no writer can forget, not even one that repairs rows by hand.
CREATE TRIGGER sources_inserted AFTER INSERT ON sources
BEGIN
	UPDATE tenants SET revision = lower(hex(randomblob(8))) WHERE name = NEW.tenant;
END;
CREATE TRIGGER sources_updated AFTER UPDATE ON sources
BEGIN
	UPDATE tenants SET revision = lower(hex(randomblob(8))) WHERE name = NEW.tenant;
END;
CREATE TRIGGER sources_deleted AFTER DELETE ON sources
BEGIN
	UPDATE tenants SET revision = lower(hex(randomblob(8))) WHERE name = OLD.tenant;
END;
CREATE TRIGGER source_secrets_inserted AFTER INSERT ON source_secrets
BEGIN
	UPDATE tenants SET revision = lower(hex(randomblob(8))) WHERE name = NEW.tenant;
END;
CREATE TRIGGER source_secrets_updated AFTER UPDATE ON source_secrets
BEGIN
	UPDATE tenants SET revision = lower(hex(randomblob(8))) WHERE name = NEW.tenant;
END;
CREATE TRIGGER source_secrets_deleted AFTER DELETE ON source_secrets
BEGIN
	UPDATE tenants SET revision = lower(hex(randomblob(8))) WHERE name = OLD.tenant;
END;
CREATE TRIGGER workflows_inserted AFTER INSERT ON workflows
BEGIN
	UPDATE tenants SET revision = lower(hex(randomblob(8))) WHERE name = NEW.tenant;
END;
CREATE TRIGGER workflows_updated AFTER UPDATE ON workflows
BEGIN
	UPDATE tenants SET revision = lower(hex(randomblob(8))) WHERE name = NEW.tenant;
END;
CREATE TRIGGER workflows_deleted AFTER DELETE ON workflows
BEGIN
	UPDATE tenants SET revision = lower(hex(randomblob(8))) WHERE name = OLD.tenant;
END;
