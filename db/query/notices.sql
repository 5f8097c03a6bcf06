-- name: MailSentPut :exec
INSERT IGNORE INTO mail_sent (message_id, booking_id, kind, sent_at) VALUES (?, ?, ?, NOW(6));
