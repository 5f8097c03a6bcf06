-- name: AuditAppend :exec
INSERT INTO audit_log (id, actor_id, action, subject, before_value, after_value, reason, request_id, happened_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, NOW(6));

-- name: AuditOf :many
-- What was done to a subject, newest first, with the names of those who did it.
SELECT a.id, a.actor_id, COALESCE(m.name, '') AS actor_name, a.action, a.subject, a.before_value, a.after_value, a.reason, a.request_id, a.happened_at
FROM audit_log a LEFT JOIN member m ON m.id = a.actor_id
WHERE a.subject = ? ORDER BY a.happened_at DESC, a.id DESC LIMIT ?;
