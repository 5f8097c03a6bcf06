package localservers

import (
	"context"
	"fmt"
	"io"
)

// Chromium returns the path of a browser for tests, a Chromium or one that behaves as it does. If there is
// none it installs Debian's chromium, saying so first on out, which may be nil. Errors: ErrNotInstalled.
func Chromium(ctx context.Context, out io.Writer) (string, error) {
	if path := findChromium(); path != "" {
		return path, nil
	}
	if err := installPackages(ctx, &progress{out: out}, []string{"chromium"}); err != nil {
		return "", err
	}
	if path := findChromium(); path != "" {
		return path, nil
	}
	return "", fmt.Errorf("%w: no browser found after installing chromium", ErrNotInstalled)
}

func findChromium() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path := find(name); path != "" {
			return path
		}
	}
	return ""
}
