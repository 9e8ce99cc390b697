-- Of a message that was sent under a KMS key: the ARN of the queue it was sent to, a space, and the encrypted data key
-- (base64). Its body is then body and attributes, sealed (base64). '' for a plain one.
ALTER TABLE sqs_messages ADD COLUMN lock TEXT NOT NULL DEFAULT '';
