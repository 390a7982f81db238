package ferrettest

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// buildArgs are the arguments of go build but for the output. PostgreSQL is
// left out because the tests never use it and it takes a third of the time;
// the symbol table because nobody debugs the server.
var buildArgs = []string{"build", "-buildvcs=false", "-tags=ferretdb_no_postgresql", "-ldflags=-s -w"}

// binary builds the server once a process, if no process did before.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := sourceDir()
	if err != nil {
		return "", err
	}
	cache, err := cacheDir()
	if err != nil {
		return "", err
	}
	return build(dir, cache)
})

// sourceDir returns the folder of the nested module.
func sourceDir() (string, error) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return "", fmt.Errorf("find the module's folder: %w", explain(err))
	}
	return filepath.Join(strings.TrimSpace(string(out)), "storage", "mongo", "ferret"), nil
}

// cacheDir returns a folder that only this user can write, where the binary
// outlives the test.
func cacheDir() (string, error) {
	if user, err := os.UserCacheDir(); err == nil {
		dir := filepath.Join(user, "accord-test")
		if os.MkdirAll(dir, 0o700) == nil && unix.Access(dir, unix.W_OK) == nil {
			return dir, nil
		}
	}
	dir := filepath.Join(os.TempDir(), fmt.Sprint("accord-test-", os.Getuid()))
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	// What somebody else put into a folder for everybody must not be run.
	info, err := os.Lstat(dir)
	if err != nil {
		return "", err
	}
	if owner, ok := info.Sys().(*syscall.Stat_t); !ok || int(owner.Uid) != os.Getuid() || info.Mode() != fs.ModeDir|0o700 {
		return "", fmt.Errorf("%s is not a folder of this user alone", dir)
	}
	return dir, nil
}

// build returns the binary of the sources in dir, kept in cache. Processes
// that come together wait for the first; a binary appears whole or not at all.
func build(dir, cache string) (string, error) {
	key, err := hashOf(dir)
	if err != nil {
		return "", err
	}
	path := filepath.Join(cache, "ferret-"+key)
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	unlock, err := lock(path + ".lock")
	if err != nil {
		return "", err
	}
	defer unlock()
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	partial := path + ".partial"
	cmd := exec.Command("go", append(buildArgs, "-o", partial, ".")...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build FerretDB in %s (needs the module proxy the first time): %w\n%s", dir, err, out)
	}
	return path, os.Rename(partial, path)
}

// hashOf names a build by its sources, the versions of its modules, the
// compiler and the flags.
func hashOf(dir string) (string, error) {
	files, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	fmt.Fprintln(h, runtime.Version(), runtime.GOOS, runtime.GOARCH, buildArgs)
	for _, f := range files {
		if !f.Type().IsRegular() {
			continue
		}
		content, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			return "", err
		}
		fmt.Fprintf(h, "%s %d\n%s", f.Name(), len(content), content)
	}
	return hex.EncodeToString(h.Sum(nil)[:8]), nil
}

// lock takes a file lock that the kernel gives back if the process dies.
func lock(path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err = unix.Flock(int(f.Fd()), unix.LOCK_EX)
		if !errors.Is(err, unix.EINTR) {
			break
		}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), f.Close())
	}
	return func() { _ = f.Close() }, nil
}

// explain adds what a command wrote to standard error.
func explain(err error) error {
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return fmt.Errorf("%w: %s", err, exit.Stderr)
	}
	return err
}
