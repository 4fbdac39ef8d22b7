-- What a connection's target bears, as JSON; null where that is what its connector's vendor publishes.
ALTER TABLE connections ADD COLUMN limits TEXT;
