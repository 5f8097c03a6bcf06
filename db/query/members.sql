-- name: MemberGet :one
SELECT * FROM member WHERE id = ?;

-- name: MemberByEmail :one
SELECT * FROM member WHERE email_key = ?;

-- name: MemberLockByEmail :one
SELECT id, verified_at FROM member WHERE email_key = ? FOR UPDATE;

-- name: MemberLock :one
SELECT * FROM member WHERE id = ? FOR UPDATE;

-- name: MemberInsert :exec
INSERT INTO member (id, email, email_key, password_hash, name, role, language, verified_at, terms_version,
  marketing_version, marketing_at, session_epoch, created_at)
VALUES (sqlc.arg(id), sqlc.arg(email), sqlc.arg(email_key), sqlc.arg(password_hash), sqlc.arg(name), sqlc.arg(role),
  sqlc.arg(language), NULL, sqlc.arg(terms_version), sqlc.arg(marketing_version),
  IF(sqlc.arg(marketing_version) = '', NULL, NOW(6)), 1, NOW(6));

-- name: MemberInsertVerified :exec
INSERT IGNORE INTO member (id, email, email_key, password_hash, name, role, language, verified_at, terms_version, session_epoch, created_at)
VALUES (?, ?, ?, ?, ?, ?, ?, NOW(6), ?, 1, NOW(6));

-- name: MemberPut :exec
INSERT INTO member (id, email, email_key, password_hash, name, role, language, verified_at, terms_version, session_epoch, created_at)
VALUES (?, ?, ?, ?, ?, ?, ?, NOW(6), ?, 1, NOW(6))
ON DUPLICATE KEY UPDATE password_hash = VALUES(password_hash), name = VALUES(name), role = VALUES(role),
  verified_at = COALESCE(verified_at, NOW(6)), totp_secret = NULL, session_epoch = session_epoch + 1;

-- name: MemberReplaceUnverified :exec
UPDATE member SET email = sqlc.arg(email), password_hash = sqlc.arg(password_hash), name = sqlc.arg(name),
  language = sqlc.arg(language), terms_version = sqlc.arg(terms_version), marketing_version = sqlc.arg(marketing_version),
  marketing_at = IF(sqlc.arg(marketing_version) = '', NULL, NOW(6)), session_epoch = session_epoch + 1
WHERE id = sqlc.arg(id) AND verified_at IS NULL;

-- name: MemberVerify :exec
UPDATE member SET verified_at = COALESCE(verified_at, NOW(6)) WHERE id = ?;

-- name: MemberSetPassword :exec
UPDATE member SET password_hash = ?, session_epoch = session_epoch + 1 WHERE id = ?;

-- name: MemberUpdateProfile :exec
UPDATE member SET name = sqlc.arg(name), language = sqlc.arg(language),
  marketing_at = IF(marketing_version = sqlc.arg(marketing_version), marketing_at, NOW(6)),
  marketing_version = sqlc.arg(marketing_version)
WHERE id = sqlc.arg(id);

-- name: MemberSetSecondFactor :exec
UPDATE member SET totp_secret = ?, session_epoch = session_epoch + 1 WHERE id = ?;

-- name: MembersByEmailRange :many
SELECT * FROM member WHERE email_key >= sqlc.arg(first_key) AND email_key <= sqlc.arg(last_key) ORDER BY email_key;

-- name: MemberTokenInsert :exec
INSERT INTO member_token (id, token_hash, member_id, purpose, created_at, expires_at)
VALUES (sqlc.arg(id), sqlc.arg(token_hash), sqlc.arg(member_id), sqlc.arg(purpose), NOW(6),
  NOW(6) + INTERVAL CAST(sqlc.arg(life_seconds) AS SIGNED) SECOND);

-- name: MemberTokensRecent :one
SELECT COUNT(*) FROM member_token
WHERE member_id = ? AND purpose = ? AND created_at > NOW(6) - INTERVAL 1 HOUR;

-- name: MemberTokenByHash :one
SELECT id, member_id, used_at IS NOT NULL AS used, expires_at <= NOW(6) AS expired
FROM member_token WHERE token_hash = ? AND purpose = ?;

-- name: MemberTokenForMail :one
SELECT t.id, t.token_hash, t.purpose, t.expires_at, t.used_at IS NOT NULL AS used, t.expires_at <= NOW(6) AS expired,
  m.id AS member_id, m.email, m.name, m.language
FROM member_token t JOIN member m ON m.id = t.member_id WHERE t.id = ?;

-- name: MemberTokenUse :execrows
UPDATE member_token SET used_at = NOW(6) WHERE id = ? AND used_at IS NULL AND expires_at > NOW(6);

-- name: MemberTokensRetire :exec
UPDATE member_token SET used_at = NOW(6) WHERE member_id = ? AND purpose = ? AND used_at IS NULL;
