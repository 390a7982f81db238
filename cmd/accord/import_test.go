package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// importHead is the header row of the records of these tests.
const importHead = "certification_identity_number,certificate_number,certification_status,certificate_accreditation_status,certification_type,certification_issue_date,certification_expiry_date,certified_entity_name,certified_entity_country,certification_body_identity_number,certification_body_name,standards_name\n"

// writeRecords writes n records, of which each bad-th is refused.
func writeRecords(t *testing.T, path string, n, bad int) {
	t.Helper()
	var b bytes.Buffer
	b.WriteString(importHead)
	for i := 1; i <= n; i++ {
		country := "CN"
		if i%bad == 0 {
			country = "Atlantis"
		}
		fmt.Fprintf(&b, "CIN-%d,MS %d,Active,Unaccredited,Management System,20250101,20271231,Works %d,%s,CB-7,Example Certification,ISO 9001:2015\n", i, i, i, country)
	}
	require.NoError(t, os.WriteFile(path, b.Bytes(), 0o600))
}

// importWorld is a gateway and a body that imports its own records.
func importWorld(t *testing.T) (url string, cb string, dir string) {
	t.Helper()
	dir = t.TempDir()
	port, err := freePort()
	require.NoError(t, err)
	url = fmt.Sprintf("http://127.0.0.1:%d", port)
	gateway := filepath.Join(dir, "gateway")
	cb = filepath.Join(dir, "cb")
	require.Zero(t, call(t, "init", "--home", gateway, "--authority", "CN", "--url", url).status)
	require.Zero(t, call(t, "init", "--home", cb, "--partner", "example-cb", "--identifier", "org.iafcertsearch.cb=CB-7").status)
	require.NoError(t, appendLimits(filepath.Join(gateway, "accord.yaml")))
	g := demoGatewayOf(t, gateway)
	require.NoError(t, g.start(t.Context()))
	t.Cleanup(func() { require.NoError(t, g.down()) })
	res := call(t, "partner", "add", "--home", gateway, "--server", url, filepath.Join(cb, "partner.json"))
	require.Zero(t, res.status, res.stderr)
	return url, cb, dir
}

// An import that is killed goes on where it was: every record is taken once and
// every refused one has one line.
func TestImport_goesOnAfterAKill(t *testing.T) {
	t.Parallel()
	const n, bad = 3_000, 100
	url, cb, dir := importWorld(t)
	file, report := filepath.Join(dir, "records.csv"), filepath.Join(dir, "refused.ndjson")
	writeRecords(t, file, n, bad)
	args := []string{"import", "--home", cb, "--server", url, "--report", report, file}
	child := exec.Command("accord", args...) // the test binary, see TestMain
	require.NoError(t, child.Start())
	require.Eventually(t, func() bool {
		_, err := os.Stat(report + ".state")
		return err == nil
	}, time.Minute, time.Millisecond)
	require.NoError(t, child.Process.Signal(syscall.SIGKILL))
	_ = child.Wait()
	_, err := os.Stat(report + ".state")
	require.NoError(t, err, "it was killed before its end")

	res := call(t, args...)
	require.Equal(t, exitUsage, res.status, "it is not begun anew by mistake")
	res = call(t, append(args, "--resume")...)
	require.Equal(t, exitFailed, res.status, res.stderr)
	require.Contains(t, res.stdout, fmt.Sprintf("%d records: ", n))
	require.Contains(t, res.stdout, fmt.Sprintf("%d refused", n/bad))
	lines := reportLines(t, report)
	require.Len(t, lines, n/bad)
	for i, line := range lines {
		require.Contains(t, line, fmt.Sprintf(`{"row":%d,`, (i+1)*bad))
	}
	res = call(t, "import", "--home", cb, "--server", url, file)
	require.Contains(t, res.stdout, fmt.Sprintf("0 taken, %d repeated, %d refused", n-n/bad, n/bad), "everything is there, once")
}

func reportLines(t *testing.T, report string) []string {
	t.Helper()
	raw, err := os.ReadFile(report)
	require.NoError(t, err)
	return strings.Split(strings.TrimSuffix(string(raw), "\n"), "\n")
}

func TestImport_resumesOnlyTheSameFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, report := filepath.Join(dir, "records.csv"), filepath.Join(dir, "r.ndjson")
	writeRecords(t, file, 10, 5)
	require.NoError(t, os.WriteFile(report+".state", []byte(`{"input":"another","asOf":"2025-01-01","records":3}`), 0o600))
	res := call(t, "import", "--dry-run", "--resume", "--report", report, file)
	require.Equal(t, exitUsage, res.status)
	require.Contains(t, res.stderr, "another file")
	require.NoError(t, os.WriteFile(report+".state", []byte(`{`), 0o600))
	res = call(t, "import", "--dry-run", "--resume", "--report", report, file)
	require.Equal(t, exitUsage, res.status)
}

func TestImport_JSONIsThatOfItsHelp(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "records.csv")
	writeRecords(t, file, 10, 5)
	res := call(t, "import", "--dry-run", "--format", "json", "--report", file+".ndjson", file)
	require.Equal(t, exitFailed, res.status, res.stderr)
	asDocumented(t, "import", res.stdout)
}

// The whole way through the pipeline is in a process of its own, whose peak of
// memory the system knows: 30,000 records stay far below the 200 MiB that a
// million may take.
func TestImport_constantMemory(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("the unit of ru_maxrss is that of Linux")
	}
	file := filepath.Join(t.TempDir(), "records.csv")
	peak := func(n int) int64 {
		writeRecords(t, file, n, 10)
		child := exec.Command("accord", "import", "--dry-run", "--report", file+".ndjson", file)
		_ = child.Run()
		require.Equal(t, exitFailed, child.ProcessState.ExitCode())
		return child.ProcessState.SysUsage().(*syscall.Rusage).Maxrss << 10
	}
	small, large := peak(3_000), peak(30_000)
	t.Logf("peak: %d MiB for 3,000 records, %d MiB for 30,000", small>>20, large>>20)
	require.Less(t, large, int64(200<<20))
	require.Less(t, large-small, int64(48<<20), "it does not grow with the file")
}
