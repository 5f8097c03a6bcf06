-- name: AttemptInsert :exec
INSERT INTO payment_attempt (id, booking_id, attempt_no, channel, approval, amount, currency, state, live, lease_until,
  taken_at, confirm_ended_at, next_check_at, created_at)
VALUES (sqlc.arg(id), sqlc.arg(booking_id), sqlc.arg(attempt_no), sqlc.arg(channel), sqlc.arg(approval), sqlc.arg(amount), sqlc.arg(currency),
  sqlc.arg(state), 1, sqlc.arg(created_at), sqlc.arg(taken_at), sqlc.arg(confirm_ended_at), sqlc.arg(next_check_at), sqlc.arg(created_at));

-- name: AttemptsOfBooking :many
SELECT * FROM payment_attempt WHERE booking_id = ? ORDER BY attempt_no;

-- name: AttemptsByIDs :many
SELECT * FROM payment_attempt WHERE id IN (sqlc.slice(ids));

-- name: AttemptsCaptured :many
-- Attempts of a stretch of time that took money, as our books have it.
SELECT * FROM payment_attempt
WHERE created_at >= sqlc.arg(from_at) AND created_at < sqlc.arg(until_at) AND state IN ('applied', 'refunding')
ORDER BY created_at;

-- name: AttemptGet :one
SELECT * FROM payment_attempt WHERE id = ?;

-- name: AttemptLock :one
SELECT * FROM payment_attempt WHERE id = ? FOR UPDATE;

-- name: AttemptClaim :execrows
-- Leases a payment: only the claimant may call the gateway about it. It is not due again before the lease ends.
UPDATE payment_attempt SET lease_owner = sqlc.arg(lease_owner), lease_until = NOW(6) + INTERVAL CAST(sqlc.arg(seconds) AS SIGNED) SECOND,
  next_check_at = GREATEST(next_check_at, NOW(6) + INTERVAL CAST(sqlc.arg(seconds) AS SIGNED) SECOND)
WHERE id = sqlc.arg(id) AND lease_until <= NOW(6);

-- name: AttemptClaimed :one
-- The row that was just claimed, with the clock.
SELECT sqlc.embed(payment_attempt), CAST(NOW(6) AS DATETIME(6)) AS now FROM payment_attempt WHERE id = ?;

-- name: AttemptConfirming :execrows
-- The customer's consent is here: from now on the charge may happen at any moment, and the claim is ours, whoever looked on.
UPDATE payment_attempt SET state = 'confirming', payment_token = sqlc.arg(payment_token), gateway_tx = sqlc.arg(gateway_tx),
  confirms = 1, taken_at = sqlc.arg(taken_at), lease_owner = sqlc.arg(lease_owner), lease_until = sqlc.arg(lease_until), next_check_at = sqlc.arg(lease_until)
WHERE id = sqlc.arg(id) AND state = 'started';

-- name: AttemptConfirmAgain :execrows
-- The claim begins anew: it has to outlive this call as well.
UPDATE payment_attempt SET confirms = confirms + 1, confirm_ended_at = NULL, not_paid_seen = 0,
  lease_until = NOW(6) + INTERVAL CAST(sqlc.arg(seconds) AS SIGNED) SECOND, next_check_at = NOW(6) + INTERVAL CAST(sqlc.arg(seconds) AS SIGNED) SECOND
WHERE id = sqlc.arg(id) AND state = 'confirming' AND lease_owner = sqlc.arg(lease_owner);

-- name: AttemptLater :execrows
-- Gives the claim back with what was learnt, to look again some seconds later.
UPDATE payment_attempt SET lease_until = NOW(6), lease_owner = '', next_check_at = NOW(6) + INTERVAL CAST(sqlc.arg(seconds) AS SIGNED) SECOND,
  not_paid_seen = sqlc.arg(not_paid_seen), confirm_ended_at = sqlc.arg(confirm_ended_at)
WHERE id = sqlc.arg(id) AND lease_owner = sqlc.arg(lease_owner);

-- name: AttemptRelease :execrows
UPDATE payment_attempt SET lease_until = NOW(6), lease_owner = '' WHERE id = ? AND lease_owner = ?;

-- name: AttemptsDue :many
SELECT id FROM payment_attempt WHERE state = ? AND next_check_at <= NOW(6) ORDER BY next_check_at LIMIT ?;

-- name: AttemptApply :execrows
UPDATE payment_attempt SET state = 'applied', applied = 1, live = NULL, reason = '', gateway_tx = ?, ended_at = ?
WHERE id = ? AND state IN ('started', 'confirming', 'abandoned', 'refused');

-- name: AttemptEnd :execrows
-- Ends an attempt that is known not to have charged anything.
UPDATE payment_attempt SET state = sqlc.arg(to_state), live = NULL, reason = sqlc.arg(reason), ended_at = sqlc.arg(ended_at)
WHERE id = sqlc.arg(id) AND state = sqlc.arg(from_state);

-- name: AttemptAbandonLive :exec
UPDATE payment_attempt SET state = 'abandoned', live = NULL, ended_at = ? WHERE booking_id = ? AND live = 1 AND state = 'started';

-- name: AttemptRefunding :execrows
UPDATE payment_attempt SET state = 'refunding', live = NULL, reason = sqlc.arg(reason), ended_at = sqlc.arg(ended_at)
WHERE id = sqlc.arg(id) AND state IN ('started', 'confirming', 'abandoned', 'refused');

-- name: AttemptApplied :one
SELECT * FROM payment_attempt WHERE booking_id = ? AND applied = 1;

-- name: RefundInsert :exec
INSERT INTO refund (id, attempt_id, cause, amount, currency, state, next_try_at, created_at)
VALUES (?, ?, ?, ?, ?, 'pending', ?, ?);

-- name: RefundsDue :many
SELECT id FROM refund WHERE state = ? AND next_try_at <= NOW(6) ORDER BY next_try_at LIMIT ?;

-- name: RefundGet :one
SELECT * FROM refund WHERE id = ?;

-- name: RefundsOfAttempts :many
SELECT * FROM refund WHERE attempt_id IN (sqlc.slice(attempt_ids));

-- name: RefundDone :execrows
UPDATE refund SET state = 'done', gateway_id = ?, done_at = NOW(6), last_error = '' WHERE id = ? AND state <> 'done';

-- name: RefundAgain :execrows
UPDATE refund SET state = sqlc.arg(to_state), tries = tries + 1, refusals = sqlc.arg(refusals), last_error = sqlc.arg(last_error),
  next_try_at = NOW(6) + INTERVAL CAST(sqlc.arg(seconds) AS SIGNED) SECOND
WHERE id = sqlc.arg(id) AND state <> 'done';

-- name: WebhookInsert :exec
INSERT INTO webhook (id, kind, payment_id, body, received_at, next_try_at, pending) VALUES (?, ?, ?, ?, NOW(6), NOW(6), 1)
ON DUPLICATE KEY UPDATE id = id;

-- name: WebhooksDue :many
SELECT id, kind, payment_id, tries FROM webhook WHERE pending = 1 AND next_try_at <= NOW(6) ORDER BY next_try_at LIMIT ?;

-- name: WebhookDone :execrows
UPDATE webhook SET pending = NULL, done_at = NOW(6) WHERE id = ? AND pending = 1;

-- name: WebhookAgain :execrows
UPDATE webhook SET tries = tries + 1, next_try_at = NOW(6) + INTERVAL CAST(sqlc.arg(seconds) AS SIGNED) SECOND WHERE id = sqlc.arg(id) AND pending = 1;

-- name: FindingPut :execrows
-- Puts what was found before an operator; found again with another sum it is open again. No row changes when nothing is new.
INSERT INTO payment_finding (payment_id, kind, detail, amount, found_at) VALUES (?, ?, ?, ?, NOW(6))
ON DUPLICATE KEY UPDATE settled_at = IF(amount <> VALUES(amount), NULL, settled_at), detail = VALUES(detail), amount = VALUES(amount);

-- name: FindingSettle :exec
UPDATE payment_finding SET settled_at = NOW(6) WHERE payment_id = ? AND kind = ? AND settled_at IS NULL;

-- name: FindingsOpen :many
SELECT * FROM payment_finding WHERE settled_at IS NULL ORDER BY found_at LIMIT ?;
