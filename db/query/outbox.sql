-- name: OutboxInsert :exec
INSERT INTO outbox (id, message_id, lane, kind, subject_id, consumer, traceparent, pending, claimed_until, created_at)
VALUES (?, ?, ?, ?, ?, ?, ?, 1, NOW(6), NOW(6));

-- name: OutboxDue :many
-- Rows that nobody works on, the longest due first. A plain read: it never waits for a transaction that is
-- still open, as an UPDATE over this index would.
SELECT id FROM outbox
WHERE lane = ? AND pending = 1 AND claimed_until <= NOW(6)
ORDER BY claimed_until LIMIT ?;

-- name: OutboxClaim :execrows
UPDATE outbox SET claimed_by = sqlc.arg(claimed_by), tries = tries + 1,
  claimed_until = NOW(6) + INTERVAL CAST(sqlc.arg(lease_us) AS SIGNED) MICROSECOND
WHERE id IN (sqlc.slice(ids)) AND pending = 1 AND claimed_until <= NOW(6);

-- name: OutboxClaimed :many
SELECT id, message_id, lane, kind, subject_id, consumer, traceparent, tries, created_at FROM outbox
WHERE id IN (sqlc.slice(ids)) AND claimed_by = sqlc.arg(claimed_by) AND pending = 1
ORDER BY id;

-- name: OutboxMarkSent :execrows
-- What the broker has confirmed is sent, whoever holds the claim by now.
UPDATE outbox SET pending = NULL, sent_at = NOW(6), claimed_by = ''
WHERE id IN (sqlc.slice(ids)) AND pending = 1;

-- name: OutboxRelease :execrows
-- Gives failed rows back, each due again after a time that doubles with every try.
UPDATE outbox SET claimed_by = '',
  claimed_until = NOW(6) + INTERVAL CAST(LEAST(CAST(sqlc.arg(first_us) AS SIGNED) * POW(2, LEAST(tries, 30) - 1), CAST(sqlc.arg(longest_us) AS SIGNED)) AS SIGNED) MICROSECOND
WHERE id IN (sqlc.slice(ids)) AND claimed_by = sqlc.arg(claimed_by) AND pending = 1;

-- name: OutboxBacklog :many
-- What waits to be sent, by lane, and the age of its oldest row in seconds.
SELECT lane, COUNT(*) AS messages,
  CAST(TIMESTAMPDIFF(SECOND, MIN(created_at), NOW(6)) AS SIGNED) AS oldest_seconds
FROM outbox WHERE lane IN (sqlc.slice(lanes)) AND pending = 1 GROUP BY lane;

-- name: OutboxRemoveSent :execrows
DELETE FROM outbox WHERE sent_at < NOW(6) - INTERVAL CAST(sqlc.arg(age_seconds) AS SIGNED) SECOND
ORDER BY sent_at LIMIT ?;

-- name: ConsumedPut :exec
INSERT INTO consumed_message (message_id, consumer, consumed_at) VALUES (?, ?, NOW(6));

-- name: ConsumedHas :one
SELECT EXISTS (SELECT 1 FROM consumed_message WHERE message_id = ? AND consumer = ?) AS consumed;

-- name: ConsumedRemoveOld :execrows
DELETE FROM consumed_message WHERE consumed_at < NOW(6) - INTERVAL CAST(sqlc.arg(age_seconds) AS SIGNED) SECOND
ORDER BY consumed_at LIMIT ?;

-- name: DeadLetterPut :exec
INSERT INTO dead_letter (message_id, consumer, lane, kind, subject_id, tries, reason, died_at)
VALUES (?, ?, ?, ?, ?, ?, ?, NOW(6))
ON DUPLICATE KEY UPDATE tries = VALUES(tries), reason = VALUES(reason), died_at = NOW(6), settled_at = NULL;

-- name: DeadLetterGet :one
SELECT * FROM dead_letter WHERE message_id = ? AND consumer = ?;

-- name: DeadLettersOpen :many
-- Open dead letters, newest first, paged by key.
SELECT * FROM dead_letter
WHERE settled_at IS NULL
  AND (died_at < sqlc.arg(before_at) OR (died_at = sqlc.arg(before_at) AND message_id < sqlc.arg(before_id)))
ORDER BY died_at DESC, message_id DESC LIMIT ?;

-- name: DeadLettersCount :one
SELECT COUNT(*) FROM dead_letter WHERE settled_at IS NULL;

-- name: DeadLetterSettle :execrows
UPDATE dead_letter SET settled_at = NOW(6) WHERE message_id = ? AND consumer = ? AND settled_at IS NULL;
