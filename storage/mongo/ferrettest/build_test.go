package ferrettest_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"accord/storage/mongo/ferrettest"
)

// program writes a module of one file.
func program(t *testing.T, source string) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module small\n\ngo 1.26.0\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "main.go"), []byte(source), 0o600))
	return dir
}

const hello = `package main

func main() { print("hello") }
`

func TestBuild_onceForAllWhoCome(t *testing.T) {
	t.Parallel()
	dir, cache := program(t, hello), t.TempDir()
	paths := make([]string, 4)
	var wg sync.WaitGroup
	for i := range paths {
		wg.Go(func() {
			path, err := ferrettest.Build(dir, cache)
			if err != nil {
				t.Error(err)
			}
			paths[i] = path
		})
	}
	wg.Wait()
	for _, path := range paths {
		require.Equal(t, paths[0], path)
	}
	out, err := exec.Command(paths[0]).CombinedOutput()
	require.NoError(t, err)
	require.Equal(t, "hello", string(out))

	before, err := os.Stat(paths[0])
	require.NoError(t, err)
	again, err := ferrettest.Build(dir, cache)
	require.NoError(t, err)
	after, err := os.Stat(again)
	require.NoError(t, err)
	require.True(t, os.SameFile(before, after), "it was built again")
}

func TestBuild_otherSourcesOtherBinary(t *testing.T) {
	t.Parallel()
	dir, cache := program(t, hello), t.TempDir()
	first, err := ferrettest.Build(dir, cache)
	require.NoError(t, err)
	other := strings.Replace(hello, "hello", "other", 1)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "main.go"), []byte(other), 0o600))
	second, err := ferrettest.Build(dir, cache)
	require.NoError(t, err)
	require.NotEqual(t, first, second)
	out, err := exec.Command(second).CombinedOutput()
	require.NoError(t, err)
	require.Equal(t, "other", string(out))
}

func TestBuild_saysWhyItFailed(t *testing.T) {
	t.Parallel()
	dir, cache := program(t, "package main\n\nfunc main() { undefined() }\n"), t.TempDir()
	_, err := ferrettest.Build(dir, cache)
	require.ErrorContains(t, err, "undefined: undefined")
	_, err = ferrettest.Build(dir, cache)
	require.Error(t, err, "a failed build was kept")
}

// Not parallel: it changes the environment. Where the user has no cache, the
// binary lies in a folder of this user alone, or nowhere.
func TestCacheDir_withoutACacheOfTheUser(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	t.Setenv("XDG_CACHE_HOME", filepath.Join(temp, "file"))
	require.NoError(t, os.WriteFile(filepath.Join(temp, "file"), nil, 0o600))
	dir, err := ferrettest.CacheDir()
	require.NoError(t, err)
	require.Equal(t, temp, filepath.Dir(dir))
	again, err := ferrettest.CacheDir()
	require.NoError(t, err)
	require.Equal(t, dir, again)
	require.NoError(t, os.Chmod(dir, 0o777))
	_, err = ferrettest.CacheDir()
	require.ErrorContains(t, err, "not a folder of this user alone")
}
