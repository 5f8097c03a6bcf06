package members

import (
	"bytes"
	"compress/gzip"
	"embed"
	"io"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Shortest and longest password, in characters. The upper bound only keeps a hash cheap to feed.
const (
	MinPassword = 8
	MaxPassword = 200
)

//go:embed data/common-passwords.txt.gz data/local-passwords.txt
var passwordFiles embed.FS

// commonPasswords are those that guessers try first, in lower case. Read once, then only looked at.
var commonPasswords = sync.OnceValues(loadCommon)

// CheckPassword tells what is wrong with a password chosen for an address; nothing is asked of it but length
// and that others do not try it first. Faults: Missing, TooShort, TooLong, TooCommon, IsEmail.
func CheckPassword(password string, email Email) Fault {
	password = norm.NFC.String(password)
	length := utf8.RuneCountInString(password)
	lower := strings.ToLower(password)
	switch {
	case length == 0:
		return Missing
	case length < MinPassword:
		return TooShort
	case length > MaxPassword:
		return TooLong
	case isEmail(lower, email):
		return IsEmail
	case common(lower):
		return TooCommon
	}
	return ""
}

// isEmail tells whether a password is the address, or the part of it before the @.
func isEmail(lower string, email Email) bool {
	local, _, _ := strings.Cut(email.Key, "@")
	return email.Key != "" && (lower == email.Key || lower == strings.ToLower(email.Shown) || lower == local)
}

// common tells whether a password is on the list, or is one character over and over.
func common(lower string) bool {
	first, _ := utf8.DecodeRuneInString(lower)
	if strings.Trim(lower, string(first)) == "" {
		return true
	}
	list, err := commonPasswords()
	if err != nil {
		return false // the list is embedded and tested: a process that cannot read it still takes sign-ups
	}
	_, found := list[lower]
	return found
}

func loadCommon() (map[string]struct{}, error) {
	packed, err := passwordFiles.ReadFile("data/common-passwords.txt.gz")
	if err != nil {
		return nil, err
	}
	unpacked, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(unpacked)
	if err != nil {
		return nil, err
	}
	local, err := passwordFiles.ReadFile("data/local-passwords.txt")
	if err != nil {
		return nil, err
	}
	list := map[string]struct{}{}
	for line := range strings.Lines(string(raw) + string(local)) {
		list[strings.TrimSuffix(line, "\n")] = struct{}{}
	}
	return list, nil
}
