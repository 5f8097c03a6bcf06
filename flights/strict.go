package flights

import (
	"fmt"

	"github.com/BurntSushi/toml"
)

// decodeStrict reads TOML and refuses keys that nothing reads, so that a misspelt key is an error.
func decodeStrict(text string, into any) error {
	meta, err := toml.Decode(text, into)
	if err != nil {
		return err
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return fmt.Errorf("unknown key %q", unknown[0].String())
	}
	return nil
}
