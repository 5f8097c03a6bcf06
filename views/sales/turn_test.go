package sales

import (
	"context"
	"strings"
	"testing"

	"pigonair/views/texts"
)

func render(t *testing.T, lang string, turn Turn) string {
	t.Helper()
	var b strings.Builder
	if err := TurnPart(turn).Render(texts.WithLang(context.Background(), lang), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestEveryStateCarriesItsMarks(t *testing.T) {
	t.Parallel()
	for _, state := range []string{"early", "waiting", "next", "admitted", "paused", "frozen", "soldout", "closed"} {
		for _, lang := range texts.Languages() {
			html := render(t, lang, Turn{Slug: "jeju", State: state, Position: 12, Ahead: 11, ETALow: 60, ETAHigh: 90, NextPoll: 4})
			for _, want := range []string{`data-queue-state="` + state + `"`, `data-position="12"`, `data-eta-low="60"`, `data-eta-high="90"`, `data-next-poll="4"`, "<h1>"} {
				if !strings.Contains(html, want) {
					t.Errorf("%s, %s: %s is missing in\n%s", state, lang, want, html)
				}
			}
			polls := strings.Contains(html, `hx-trigger="every 4s"`)
			if over := state == "admitted" || state == "closed"; polls == over {
				t.Errorf("%s: polls %v", state, polls)
			}
			if strings.Contains(html, "queue.") || strings.Contains(html, "style=") {
				t.Errorf("%s, %s: a key or an inline style in\n%s", state, lang, html)
			}
		}
	}
}

func TestUnknownTimesAreBlank(t *testing.T) {
	t.Parallel()
	html := render(t, texts.Korean, Turn{State: "paused", NextPoll: 10})
	for _, want := range []string{`data-position=""`, `data-eta-low=""`, `data-eta-high=""`} {
		if !strings.Contains(html, want) {
			t.Errorf("%s is missing in\n%s", want, html)
		}
	}
}

func TestWaitInWords(t *testing.T) {
	t.Parallel()
	ctx := texts.WithLang(context.Background(), texts.Korean)
	for _, c := range []struct {
		low, high int
		want      string
	}{
		{0, 0, ""}, {5, 40, "곧 차례가 옵니다"}, {40, 100, "2분 안에 차례가 옵니다"},
		{1020, 1260, "약 17–21분 뒤 차례가 옵니다"}, {1020, 1020, "약 17분 뒤 차례가 옵니다"},
	} {
		if got := (Turn{ETALow: c.low, ETAHigh: c.high}).wait(ctx); got != c.want {
			t.Errorf("%d–%d s: %q, want %q", c.low, c.high, got, c.want)
		}
	}
}

func TestNewsIsSaidOnce(t *testing.T) {
	t.Parallel()
	if html := render(t, texts.English, Turn{State: "waiting", Say: "7 people are ahead of you."}); !strings.Contains(html, `<div id="live" hx-swap-oob="innerHTML">7 people`) {
		t.Errorf("the news is not read aloud:\n%s", html)
	}
	if html := render(t, texts.English, Turn{State: "waiting"}); strings.Contains(html, "live") {
		t.Errorf("silence is read aloud:\n%s", html)
	}
}
