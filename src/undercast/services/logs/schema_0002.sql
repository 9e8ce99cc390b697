-- The data key that opens the message, as KMS encrypted it, in base64; '': the message is as it came in.
ALTER TABLE logs_events ADD COLUMN lock TEXT NOT NULL DEFAULT '';
