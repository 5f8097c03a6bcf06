package processes

import (
	"os"
	"strings"

	"pigonair/internal/config"
)

// Environment is our environment with its PIGONAIR settings replaced by values, which go by the settings'
// names, such as db-dsn.
func Environment(values map[string]string) []string {
	var env []string
	for _, entry := range os.Environ() {
		if !strings.HasPrefix(entry, "PIGONAIR_") {
			env = append(env, entry)
		}
	}
	for name, value := range values {
		env = append(env, config.EnvName(name)+"="+value)
	}
	return env
}
