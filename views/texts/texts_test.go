package texts

import (
	"context"
	"testing"
	"time"
)

func TestFormats(t *testing.T) {
	ctx := context.Background()
	en := WithLang(ctx, English)
	seoul := time.FixedZone("KST", 9*3600)
	at := time.Date(2026, 12, 24, 7, 5, 0, 0, seoul)
	cases := []struct{ name, ko, en, wantKo, wantEn string }{
		{"won", Won(ctx, 9900), Won(en, 9900), "9,900원", "₩9,900"},
		{"won, none", Won(ctx, 0), Won(en, 0), "0원", "₩0"},
		{"won, given back", Won(ctx, -1234567), Won(en, -1234567), "-1,234,567원", "-₩1,234,567"},
		{"won, three digits", Won(ctx, -999), Won(en, 999), "-999원", "₩999"},
		{"count", Count(ctx, 8140), Count(en, 104000000), "8,140", "104,000,000"},
		{"date", Date(ctx, at), Date(en, at), "12월 24일(목)", "Thu 24 Dec"},
		{"long date", LongDate(ctx, at), LongDate(en, at), "2026년 12월 24일(목)", "Thu 24 Dec 2026"},
		{"short date", ShortDate(ctx, at), ShortDate(en, at), "12/24 (목)", "Thu 24 Dec"},
		{"month", Month(ctx, at), Month(en, at), "2026년 12월", "Dec 2026"},
		{"weekday", Weekday(ctx, time.Sunday), Weekday(en, time.Sunday), "일", "Sun"},
		{"clock", Clock(ctx, at), Clock(en, at), "07:05", "07:05"},
		{"date and time", DateTime(ctx, at), DateTime(en, at), "12월 24일(목) 07:05", "Thu 24 Dec, 07:05"},
		{"long date and time", LongDateTime(ctx, at), LongDateTime(en, at), "2026년 12월 24일(목) 07:05", "Thu 24 Dec 2026, 07:05"},
		{"duration", Duration(ctx, 70*time.Minute), Duration(en, 70*time.Minute), "1시간 10분", "1 h 10 min"},
		{"hours", Duration(ctx, 13*time.Hour), Duration(en, 13*time.Hour), "13시간", "13 h"},
		{"minutes", Duration(ctx, 59*time.Minute), Duration(en, time.Minute), "59분", "1 min"},
		{"seconds", Duration(ctx, 59*time.Second), Duration(en, -time.Minute), "59초", "0 s"},
		{"left", Left(761), Left(3723), "12:41", "1:02:03"},
		{"left, none", Left(-1), Left(59), "0:00", "0:59"},
	}
	for _, c := range cases {
		if c.ko != c.wantKo || c.en != c.wantEn {
			t.Errorf("%s: %q and %q, want %q and %q", c.name, c.ko, c.en, c.wantKo, c.wantEn)
		}
	}
}

func TestPlural(t *testing.T) {
	ctx := context.Background()
	en := WithLang(ctx, English)
	const key = "components.minutes_left"
	for _, c := range []struct{ got, want string }{
		{T(ctx, key, "count", 1), "1분 남았습니다."},
		{T(en, key, "count", 1), "1 minute left."},
		{T(en, key, "count", int64(5)), "5 minutes left."},
		{T(en, key, "count", 8140), "8,140 minutes left."},
		{T(en, key), "{{.count}} minutes left."},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

func TestLanguageOfContext(t *testing.T) {
	ctx := context.Background()
	if got := Lang(ctx); got != Korean {
		t.Errorf("without a language: %q", got)
	}
	if got := Lang(WithLang(WithLang(ctx, English), "xx")); got != English {
		t.Errorf("an unknown language changed the context: %q", got)
	}
	if got := T(ctx, "no.such.key"); got != "no.such.key" {
		t.Errorf("an unknown key became %q", got)
	}
	if Has(ctx, "no.such.key") || !Has(ctx, "layout.name") {
		t.Error("Has is wrong")
	}
}

func TestMatch(t *testing.T) {
	cases := []struct{ header, cookie, want string }{
		{"", "", Korean},
		{"ko-KR,ko;q=0.9,en-US;q=0.8", "", Korean},
		{"en-US,en;q=0.9,ko;q=0.8", "", English},
		{"en-US,en;q=0.9", "ko", Korean},
		{"ko", "en", English},
		{"ko", "fr", Korean},
		{"fr-FR,fr;q=0.9", "", English},
		{"fr,ko;q=0.5,en;q=0.3", "", Korean},
		{"ko;q=0,en", "", English},
		{"*", "", Korean},
		{"not a header; q=x", "", Korean},
	}
	for _, c := range cases {
		if got := Match(c.header, c.cookie); got != c.want {
			t.Errorf("Match(%q, %q) = %q, want %q", c.header, c.cookie, got, c.want)
		}
	}
}

func TestParticles(t *testing.T) {
	cases := []struct{ pattern, word, want string }{
		{"{{.w}}을(를) 골랐습니다", "제주", "제주를 골랐습니다"},
		{"{{.w}}을(를) 골랐습니다", "부산", "부산을 골랐습니다"},
		{"{{.w}}(으)로", "서울", "서울로"},
		{"{{.w}}(으)로", "대한", "대한으로"},
		{"{{.w}}은(는)", "7B", "7B는"},
		{"{{.w}}이(가)", "ZP101", "ZP101이"},
		{"{{.w}}과(와)", "ZP104", "ZP104와"},
		{"{{.w}}이(가)", "김포(GMP)", "김포(GMP)가"},
		{"{{.w}}이(가)", "", "가"},
		{"{{ .w }} 을(를)", "부산", "부산 을(를)"},
	}
	for _, c := range cases {
		p, err := compile(c.pattern)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.fill([]any{"w", c.word}); got != c.want {
			t.Errorf("%s with %q: %q, want %q", c.pattern, c.word, got, c.want)
		}
	}
	for _, bad := range []string{"{{w}}", "{{.w", "{{if .w}}a{{end}}", "w}}"} {
		if _, err := compile(bad); err == nil {
			t.Errorf("%q was understood", bad)
		}
	}
}

func BenchmarkText(b *testing.B) {
	ctx := WithLang(context.Background(), English)
	b.Run("plain", func(b *testing.B) {
		for b.Loop() {
			T(ctx, "layout.skip")
		}
	})
	b.Run("placeholder", func(b *testing.B) {
		for b.Loop() {
			T(ctx, "layout.title", "title", "Flights")
		}
	})
	b.Run("plural", func(b *testing.B) {
		for b.Loop() {
			T(ctx, "components.minutes_left", "count", 5)
		}
	})
	b.Run("datetime", func(b *testing.B) {
		at := time.Date(2026, 12, 24, 7, 5, 0, 0, time.UTC)
		for b.Loop() {
			DateTime(ctx, at)
		}
	})
	b.Run("won", func(b *testing.B) {
		for b.Loop() {
			Won(ctx, 1234567)
		}
	})
}
