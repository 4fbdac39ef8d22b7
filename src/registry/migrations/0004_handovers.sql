-- Signing secrets that a system has chosen and sent, and that an operator has not set yet: the last one of each source.
CREATE TABLE source_handovers (
	tenant TEXT NOT NULL,
	source TEXT NOT NULL,
	sealed TEXT NOT NULL,
	received_at INTEGER NOT NULL,
	PRIMARY KEY (tenant, source),
	FOREIGN KEY (tenant, source) REFERENCES sources (tenant, name) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- Whatever secret a source has got, nobody waits for another one.
CREATE TRIGGER source_secrets_end_handover AFTER INSERT ON source_secrets
BEGIN
	DELETE FROM source_handovers WHERE tenant = NEW.tenant AND source = NEW.source;
END;
