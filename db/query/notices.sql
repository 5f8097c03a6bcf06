-- name: MailSentHas :one
SELECT EXISTS (SELECT 1 FROM mail_sent WHERE message_id = ?) AS sent;

-- name: MailSentPut :exec
INSERT IGNORE INTO mail_sent (message_id, booking_id, kind, sent_at) VALUES (?, ?, ?, NOW(6));
