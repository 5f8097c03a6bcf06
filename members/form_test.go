package members

import (
	"strings"
	"testing"

	"github.com/alexedwards/argon2id"
)

func TestParseEmailMakesOneKeyOfOneAddress(t *testing.T) {
	for _, c := range []struct{ typed, key string }{
		{"  Kim@Example.COM ", "kim@example.com"},
		{"STRASSE@example.com", "strasse@example.com"},
		{"straße@example.com", "strasse@example.com"},
		{"cafe\u0301@example.com", "caf\u00e9@example.com"},
		{"CAF\u00c9@example.com", "caf\u00e9@example.com"},
		{"a+b.c@mail.example", "a+b.c@mail.example"},
		{"kim@예시.example", "kim@xn--vv4b11d.example"},
	} {
		email, fault := ParseEmail(c.typed)
		if fault != "" || email.Key != c.key {
			t.Errorf("ParseEmail(%q) = %q, %q; want %q", c.typed, email.Key, fault, c.key)
		}
	}
}

func TestParseEmailRefusesWhatIsNoAddress(t *testing.T) {
	for typed, want := range map[string]Fault{
		"": Missing, " \t": Missing, "kim": Malformed, "@example.com": Malformed, "kim@": Malformed,
		"kim@example": Malformed, "a b@example.com": Malformed, "a@b@example.com": Malformed,
		"kim@example.com\r\nBcc: x@example.com": Malformed, "kim@exa mple.com": Malformed,
		"<kim@example.com>": Malformed, "kim@example.com.": Malformed, "kim@.com": Malformed,
		".kim@example.com": Malformed, "ki..m@example.com": Malformed, "kim@exam\u202eple.com": Malformed,
		strings.Repeat("k", 65) + "@example.com":   Malformed,
		"kim@" + strings.Repeat("a.", 130) + "com": Malformed,
		"k\xffm@example.com":                       Malformed,
		"\u200bkim@example.com":                    Malformed,
	} {
		if _, fault := ParseEmail(typed); fault != want {
			t.Errorf("ParseEmail(%q) gives %q, want %q", typed, fault, want)
		}
	}
}

func TestParseNameTakesWhateverPeopleAreCalled(t *testing.T) {
	for typed, want := range map[string]string{
		" 김  하늘 ": "김 하늘", "O'Brien-Łukasz": "O'Brien-Łukasz", "<script>": "<script>", "👩‍✈️ Kim": "👩‍✈️ Kim",
		"محمد": "محمد", strings.Repeat("가", 200): strings.Repeat("가", 200), "\u1100\u1161": "가",
	} {
		if name, fault := ParseName(typed); fault != "" || name != want {
			t.Errorf("ParseName(%q) = %q, %q; want %q", typed, name, fault, want)
		}
	}
	for typed, want := range map[string]Fault{
		"  ": Missing, strings.Repeat("가", 201): TooLong, "Kim\x00": Malformed, "Kim\u202eevil": Malformed,
	} {
		if _, fault := ParseName(typed); fault != want {
			t.Errorf("ParseName(%q) gives %q, want %q", typed, fault, want)
		}
	}
}

func TestCheckPassword(t *testing.T) {
	email := Email{Shown: "Pigeon.Kim@example.com", Key: "pigeon.kim@example.com"}
	for password, want := range map[string]Fault{
		"":                        Missing,
		"1234567":                 TooShort,
		"비둘기비둘기비":                 TooShort,
		"비둘기비둘기비둘":                "",
		"password":                TooCommon,
		"PassWord":                TooCommon,
		"dkssudgktpdy":            TooCommon,
		"zzzzzzzzzzzzzz":          TooCommon,
		"pigeon.kim@example.com":  IsEmail,
		"PIGEON.KIM":              IsEmail,
		strings.Repeat("ab", 100): "",
		strings.Repeat("a", 201):  TooLong,
		"three grey pigeons":      "",
		strings.Repeat("비둘", 100): "",
	} {
		if fault := CheckPassword(password, email); fault != want {
			t.Errorf("CheckPassword(%q) gives %q, want %q", password, fault, want)
		}
	}
}

func TestCommonPasswordsAreMany(t *testing.T) {
	list, err := commonPasswords()
	if err != nil {
		t.Fatal(err)
	}
	if len(list) < 10_000 {
		t.Errorf("%d common passwords, want at least 10,000", len(list))
	}
	for password := range list {
		if strings.ToLower(password) != password || strings.TrimSpace(password) != password {
			t.Fatalf("%q can never match", password)
		}
	}
}

func TestSignUpFormReportsEveryFaultAtOnce(t *testing.T) {
	faults := SignUpForm{Email: "kim", Password: "short", Name: " "}.Check()
	want := Faults{FieldEmail: Malformed, FieldPassword: TooShort, FieldName: Missing, FieldTerms: Missing}
	if faults.Error() != want.Error() {
		t.Errorf("faults are %v, want %v", faults, want)
	}
}

// The decoy has to cost what a real hash costs, and no more is hashed here than this needs.
func TestDecoyHasTheParametersOfRealHashes(t *testing.T) {
	hash, err := Argon2id{}.Hash("three grey pigeons")
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := (Argon2id{}).Matches("three grey pigeons", hash); !ok || err != nil {
		t.Errorf("own hash does not match: %v", err)
	}
	real, _, _, err := argon2id.DecodeHash(hash)
	if err != nil {
		t.Fatal(err)
	}
	decoy, _, _, err := argon2id.DecodeHash(decoyHash)
	if err != nil || *decoy != *real || decoy.Memory != 19*1024 {
		t.Errorf("decoy has %v, real hashes have %v (%v)", decoy, real, err)
	}
}
