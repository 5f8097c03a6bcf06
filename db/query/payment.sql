-- name: AttemptInsert :exec
INSERT INTO payment_attempt (id, booking_id, attempt_no, channel, approval, amount, currency, state, live, lease_until, next_check_at, created_at)
VALUES (?, ?, ?, ?, ?, ?, ?, 'started', 1, ?, ?, ?);

-- name: AttemptsOfBooking :many
SELECT * FROM payment_attempt WHERE booking_id = ? ORDER BY attempt_no;

-- name: AttemptGet :one
SELECT * FROM payment_attempt WHERE id = ?;

-- name: AttemptLock :one
SELECT * FROM payment_attempt WHERE id = ? FOR UPDATE;

-- name: AttemptConfirming :execrows
UPDATE payment_attempt SET state = 'confirming', live = 1, payment_token = sqlc.arg(payment_token), gateway_tx = sqlc.arg(gateway_tx),
  lease_owner = sqlc.arg(lease_owner), lease_until = sqlc.arg(lease_until), next_check_at = sqlc.arg(lease_until)
WHERE id = sqlc.arg(id) AND state = 'started';

-- name: AttemptLease :execrows
-- Claims a due attempt: only the claimant may call the gateway for it.
UPDATE payment_attempt SET lease_owner = sqlc.arg(lease_owner), lease_until = NOW(6) + INTERVAL CAST(sqlc.arg(seconds) AS SIGNED) SECOND
WHERE id = sqlc.arg(id) AND state = 'confirming' AND lease_until <= NOW(6);

-- name: AttemptLeaseEnd :execrows
UPDATE payment_attempt SET lease_until = NOW(6), lease_owner = '', next_check_at = NOW(6) + INTERVAL CAST(sqlc.arg(seconds) AS SIGNED) SECOND,
  not_paid_seen = sqlc.arg(not_paid_seen), confirm_ended_at = sqlc.arg(confirm_ended_at)
WHERE id = sqlc.arg(id) AND lease_owner = sqlc.arg(lease_owner);

-- name: AttemptsDue :many
SELECT id FROM payment_attempt WHERE state = ? AND next_check_at <= NOW(6) ORDER BY next_check_at LIMIT ?;

-- name: AttemptApply :execrows
UPDATE payment_attempt SET state = 'applied', applied = 1, live = NULL, gateway_tx = ?, ended_at = ?, lease_owner = ''
WHERE id = ? AND state IN ('started', 'confirming') AND applied IS NULL;

-- name: AttemptEnd :execrows
UPDATE payment_attempt SET state = sqlc.arg(to_state), live = NULL, reason = sqlc.arg(reason), ended_at = sqlc.arg(ended_at), lease_owner = ''
WHERE id = sqlc.arg(id) AND state IN ('started', 'confirming');

-- name: AttemptAbandonLive :exec
UPDATE payment_attempt SET state = 'abandoned', live = NULL, ended_at = ? WHERE booking_id = ? AND state = 'started';

-- name: AttemptRefunding :execrows
UPDATE payment_attempt SET state = 'refunding', live = NULL, reason = sqlc.arg(reason), ended_at = sqlc.arg(ended_at), lease_owner = ''
WHERE id = sqlc.arg(id) AND state IN ('started', 'confirming', 'abandoned', 'refused');

-- name: AttemptApplied :one
SELECT * FROM payment_attempt WHERE booking_id = ? AND applied = 1;

-- name: RefundInsert :exec
INSERT INTO refund (id, attempt_id, cause, amount, currency, state, lease_until, next_try_at, created_at)
VALUES (?, ?, ?, ?, ?, 'pending', ?, ?, ?);

-- name: RefundsDue :many
SELECT id FROM refund WHERE state = 'pending' AND next_try_at <= NOW(6) ORDER BY next_try_at LIMIT ?;

-- name: RefundGet :one
SELECT * FROM refund WHERE id = ?;

-- name: RefundsOfAttempt :many
SELECT * FROM refund WHERE attempt_id = ? ORDER BY created_at, id;

-- name: RefundLease :execrows
UPDATE refund SET lease_owner = sqlc.arg(lease_owner), lease_until = NOW(6) + INTERVAL CAST(sqlc.arg(seconds) AS SIGNED) SECOND, tries = tries + 1
WHERE id = sqlc.arg(id) AND state = 'pending' AND lease_until <= NOW(6);

-- name: RefundDone :execrows
UPDATE refund SET state = 'done', gateway_id = ?, done_at = NOW(6), lease_owner = '', last_error = '' WHERE id = ? AND state = 'pending';

-- name: RefundAgain :execrows
UPDATE refund SET lease_owner = '', lease_until = NOW(6), next_try_at = NOW(6) + INTERVAL CAST(sqlc.arg(seconds) AS SIGNED) SECOND, last_error = sqlc.arg(last_error)
WHERE id = sqlc.arg(id) AND lease_owner = sqlc.arg(lease_owner);

-- name: RefundStuck :execrows
UPDATE refund SET state = 'stuck', lease_owner = '', last_error = ? WHERE id = ? AND state = 'pending';

-- name: WebhookInsert :execrows
INSERT IGNORE INTO webhook (id, kind, payment_id, body, received_at, next_try_at, pending) VALUES (?, ?, ?, ?, NOW(6), NOW(6), 1);

-- name: WebhooksDue :many
SELECT id, kind, payment_id FROM webhook WHERE pending = 1 AND next_try_at <= NOW(6) ORDER BY next_try_at LIMIT ?;

-- name: WebhookDone :execrows
UPDATE webhook SET pending = NULL, done_at = NOW(6) WHERE id = ? AND pending = 1;

-- name: WebhookAgain :execrows
UPDATE webhook SET tries = tries + 1, next_try_at = NOW(6) + INTERVAL CAST(sqlc.arg(seconds) AS SIGNED) SECOND WHERE id = sqlc.arg(id) AND pending = 1;
