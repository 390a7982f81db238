package deploy_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// run runs accord and returns its exit status and what it wrote.
func run(t testing.TB, args ...string) (int, string) {
	t.Helper()
	cmd := exec.Command(binary(t, "accord"), args...)
	cmd.Env = clean()
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

// clean is the environment without what would change where accord looks.
func clean() []string {
	return slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "ACCORD_") })
}

// installed is a home as the comment of accord.service leaves it: the keys are
// root's, and where the home has them is a link to what systemd hands over.
type installed struct {
	root, home string
}

func install(t *testing.T) installed {
	t.Helper()
	i := installed{root: t.TempDir()}
	i.home = filepath.Join(i.root, "var")
	archive := "local:" + filepath.Join(i.root, "archive")
	if status, out := run(t, "init", "--home", i.home, "--archive", archive, "--authority", "CN", "--url", "https://gateway.example.cn", "--listen", "127.0.0.1:8080"); status != 0 {
		t.Fatal(out)
	}
	for _, d := range []string{"etc", "run"} {
		if err := os.Mkdir(filepath.Join(i.root, d), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Rename(filepath.Join(i.home, "keys"), filepath.Join(i.root, "all")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(i.root, "run", "keys"), filepath.Join(i.home, "keys")); err != nil {
		t.Fatal(err)
	}
	return i
}

// handOver does what systemd and ExecStartPre do before a unit starts.
func (i installed) handOver(t *testing.T, u unitFile) {
	t.Helper()
	dir := t.TempDir()
	for _, name := range credentials(t, u) {
		raw, err := os.ReadFile(filepath.Join(i.root, "all", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), raw, 0o400); err != nil {
			t.Fatal(err)
		}
	}
	link := filepath.Join(i.root, "run", "keys")
	if err := os.Remove(link); err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
}

// args are those of the unit's command, for this home.
func (i installed) args(t *testing.T, u unitFile, instance string) []string {
	t.Helper()
	line := strings.ReplaceAll(u["Service"]["ExecStart"][0], "%i", instance)
	words := strings.Fields(strings.ReplaceAll(line, "/var/lib/accord", i.home))
	return words[1:]
}

// output is what a process writes, readable while it runs.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer // guarded by mu
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// find waits until what was written matches and returns the group.
func (o *output) find(t *testing.T, expr string) string {
	t.Helper()
	re := regexp.MustCompile(expr)
	for range 600 {
		if m := re.FindStringSubmatch(o.String()); m != nil {
			return m[1]
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("not written: %s\n%s", expr, o)
	return ""
}

// The keys that the unit hands over suffice to serve; the probe of the image
// finds the gateway ready; all that it exports is known to the manual; it ends
// well at SIGTERM; without its memory it ends with the status that the unit does
// not start it again for; and the other unit audits the archive.
func TestUnits_serveAHome(t *testing.T) {
	t.Parallel()
	i, u := install(t), unitOf(t, serviceUnit)
	i.handOver(t, u)
	var out output
	cmd := exec.Command(binary(t, "accord"), append(i.args(t, u, ""), "--listen", "127.0.0.1:0")...)
	cmd.Env, cmd.Stderr = clean(), &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill() }() // it has ended, unless the test failed
	url := out.find(t, `is ready at (\S+)`)
	if probe, err := exec.Command(binary(t, "ready"), url+"/readyz").CombinedOutput(); err != nil {
		t.Errorf("the probe says %v: %s", err, probe)
	}
	if err := exec.Command(binary(t, "ready"), url+"/v1/partners").Run(); err == nil {
		t.Error("the probe takes 401 for ready")
	}
	scrape(t, out.find(t, `metrics are at ([^ ,]+)`))
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("it did not end well: %v\n%s", err, &out)
	}

	archive := unitOf(t, archiveUnit)
	i.handOver(t, archive)
	if status, said := run(t, i.args(t, archive, "verify")...); status != 0 {
		t.Errorf("archive verify: %d: %s", status, said)
	}
	if err := os.Remove(filepath.Join(i.home, "memory")); err != nil {
		t.Fatal(err)
	}
	i.handOver(t, u)
	if status, said := run(t, i.args(t, u, "")...); status != 4 || !strings.Contains(said, "ledger.fork") {
		t.Errorf("without its memory: %d: %s", status, said)
	}
}

// scrape holds what a gateway exports against the metrics of the code.
func scrape(t *testing.T, url string) {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Error(err)
		return
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Error(err)
		return
	}
	known := metrics(t)
	names := regexp.MustCompile(`(?m)^# TYPE (\S+)`).FindAllStringSubmatch(string(body), -1)
	if len(names) < 5 {
		t.Errorf("it exports next to nothing: %s", body)
	}
	for _, m := range names {
		if _, ok := known[m[1]]; !ok {
			t.Errorf("%s is exported and not among the metrics of internal/obs", m[1])
		}
	}
}
