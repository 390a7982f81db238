package formats_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"accord/formats"
)

var update = flag.Bool("update", false, "write docs/mappings")

// docs/mappings is made of the tables of the codecs, and nothing else stands
// there.
func TestMappings_areFresh(t *testing.T) {
	t.Parallel()
	dir := filepath.Join("..", "docs", "mappings")
	pages := formats.MappingPages()
	if *update {
		require.NoError(t, os.RemoveAll(dir))
		require.NoError(t, os.MkdirAll(dir, 0o755))
		for name, text := range pages {
			require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
		}
	}
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, len(pages))
	for name, want := range pages {
		got, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		require.Equal(t, want, string(got), "%s is stale: go test ./formats -run Mappings -update", name)
	}
}

// Every dialect can be named, and says what it does.
func TestDialects_areComplete(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, c := range formats.Dialects() {
		require.NotEmpty(t, c.Mapping.ID, c.Name)
		require.NotEmpty(t, c.Mapping.Version, c.Name)
		require.NotEmpty(t, c.Rows, c.Name)
		require.NotEmpty(t, c.MediaTypes, c.Name)
		require.NotNil(t, c.Decode, c.Name)
		require.NotNil(t, c.Recognises, c.Name)
		for _, name := range append([]string{c.Name}, c.Aliases...) {
			require.Empty(t, seen[name], "%s is the name of two", name)
			seen[name] = c.Name
			got, ok := formats.Dialect(name)
			require.True(t, ok && got.Name == c.Name, name)
			require.True(t, formats.Known(name))
		}
		require.Contains(t, formats.Names(), c.Name)
	}
}
