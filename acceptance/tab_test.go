package acceptance

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// tab is one customer's browser with a profile of its own.
type tab struct {
	t   *testing.T
	ctx context.Context

	mu     sync.Mutex
	faults []string
}

// tabOptions say how a tab looks.
type tabOptions struct {
	width    int64
	noScript bool
	lang     string // ko or en
	dark     bool
}

// open starts a browser; console errors and uncaught exceptions fail the test at its end.
func open(t *testing.T, o tabOptions) *tab {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(house.chromium), chromedp.NoSandbox,
		chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.Flag("no-first-run", true),
		chromedp.Flag("accept-lang", o.lang), chromedp.Flag("lang", o.lang), chromedp.UserDataDir(t.TempDir()))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	b := &tab{t: t}
	ctx, cancel := chromedp.NewContext(allocator, chromedp.WithListener(b.listen))
	b.ctx = ctx
	t.Cleanup(func() {
		cancel()
		stop()
		b.mu.Lock()
		defer b.mu.Unlock()
		if len(b.faults) > 0 {
			t.Errorf("the browser complains:\n%s", strings.Join(b.faults, "\n"))
		}
	})
	b.do(chromedp.EmulateViewport(o.width, 900))
	b.do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		if o.dark {
			if _, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
				Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}}); err != nil {
				return err
			}
		}
		_, err := cdp.Call(ctx, target, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: o.noScript})
		return err
	}))
	return b
}

// listen gathers what goes wrong in the page. Refusals that a test provokes are answers, not faults.
func (b *tab) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		b.faults = append(b.faults, fmt.Sprintf("%s %+v", e.ExceptionDetails.Text, e.ExceptionDetails.Exception))
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError && !strings.Contains(e.Entry.Text, "status of 4") {
			b.faults = append(b.faults, e.Entry.Text+" "+e.Entry.URL)
		}
	}
}

// stepLimit bounds one step in the browser.
const stepLimit = 20 * time.Second

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	for _, step := range steps {
		if err := b.try(step); err != nil {
			b.picture("failed")
			b.t.Fatalf("%v (at %s)\n%s", err, b.where(), b.text("body"))
		}
	}
}

func (b *tab) try(step chromedp.Action[chromedp.Void]) error {
	if chromedp.FromContext(b.ctx) == nil || chromedp.FromContext(b.ctx).Target == nil {
		return chromedp.Do(b.ctx, step) // the first step starts the browser and must not be timed out
	}
	ctx, cancel := context.WithTimeout(b.ctx, stepLimit)
	defer cancel()
	return chromedp.Do(ctx, step)
}

// visit opens a path of the shop, or an absolute address.
func (b *tab) visit(path string) {
	b.t.Helper()
	if strings.HasPrefix(path, "/") {
		path = house.BaseURL + path
	}
	b.do(chromedp.Navigate(path))
}

func (b *tab) where() string {
	at, err := chromedp.Run(b.ctx, chromedp.Location())
	if err != nil {
		return err.Error()
	}
	return at
}

// text is what a person reads of the first element that matches; empty if there is none.
func (b *tab) text(selector string) string {
	ctx, cancel := context.WithTimeout(b.ctx, stepLimit)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.TextContent(chromedp.CSS(selector)))
	if err != nil {
		return ""
	}
	return strings.Join(strings.Fields(text), " ")
}

// attribute is an attribute of the first element that matches.
func (b *tab) attribute(selector, name string) string {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, stepLimit)
	defer cancel()
	got, err := chromedp.Run(ctx, chromedp.AttributeValue(chromedp.CSS(selector), name))
	if err != nil {
		b.t.Fatalf("%s of %s: %v (at %s)", name, selector, err, b.where())
	}
	return got.Value
}

// fill types into a field, replacing what is there.
func (b *tab) fill(selector, value string) {
	b.t.Helper()
	b.do(chromedp.SetValue(chromedp.CSS(selector), value))
}

// press clicks and waits until the page that follows is there.
func (b *tab) press(selector string) {
	b.t.Helper()
	b.do(chromedp.WaitVisible(chromedp.CSS(selector)))
	if _, err := chromedp.RunResponse(b.ctx, chromedp.Click(chromedp.CSS(selector))); err != nil {
		b.picture("failed")
		b.t.Fatalf("press %s: %v (at %s)", selector, err, b.where())
	}
}

// picture takes a screenshot of the whole page; where PIGONAIR_SCREENSHOTS is set it is kept in docs/screenshots.
func (b *tab) picture(name string) {
	ctx, cancel := context.WithTimeout(b.ctx, stepLimit)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		b.t.Logf("screenshot %s: %v", name, err)
		return
	}
	dir := filepath.Join(house.home, "failed")
	if os.Getenv("PIGONAIR_SCREENSHOTS") != "" {
		dir = filepath.Join("..", "docs", "screenshots")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		b.t.Log(err)
		return
	}
	path := filepath.Join(dir, name+".png")
	if err := os.WriteFile(path, png, 0o644); err != nil {
		b.t.Log(err)
	}
	b.t.Logf("picture: %s", path)
}
