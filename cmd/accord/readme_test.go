package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// readmeShell returns the fenced blocks of shell below a heading of README.md.
func readmeShell(t *testing.T, readme, heading string) []string {
	t.Helper()
	_, section, found := strings.Cut(readme, "\n"+heading+"\n")
	if !found {
		t.Fatalf("README.md has no heading %q", heading)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	var blocks []string
	for {
		_, rest, more := strings.Cut(section, "\n```sh\n")
		if !more {
			return blocks
		}
		block, after, closed := strings.Cut(rest, "\n```")
		if !closed {
			t.Fatal("README.md has a block of shell without an end")
		}
		blocks, section = append(blocks, block), after
	}
}

func readReadme(t *testing.T) string {
	t.Helper()
	raw, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestReadme_namesTheTwoCommands(t *testing.T) {
	t.Parallel()
	blocks := strings.Split(readReadme(t), "```")
	for _, command := range []string{"sh\ngo run ./cmd/accord demo\n", "sh\ngo test ./...\n"} {
		if !slices.Contains(blocks, command) {
			t.Errorf("README.md has no block with the one line %q", command)
		}
	}
}

// The tour is run as it stands, with two changes: the ports are free ones, and
// the binary is made of the repository while everything is written elsewhere.
func TestReadme_tourRuns(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds the binary and runs two gateways")
	}
	for _, tool := range []string{"bash", "curl", "sha256sum", "go"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("the tour needs %s", tool)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()

	const build = "go build -o accord ./cmd/accord\n"
	script := strings.Join(readmeShell(t, readReadme(t), "## Five minutes by hand"), "\n") + "\n"
	if strings.Count(script, build) != 1 {
		t.Fatalf("the tour does not say %q", build)
	}
	script = strings.Replace(script, build, "", 1)
	script = strings.ReplaceAll(script, ":8081", tourPort(t))
	script = strings.ReplaceAll(script, ":8082", tourPort(t))

	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	made := exec.CommandContext(ctx, "go", "build", "-o", filepath.Join(dir, "accord"), "./cmd/accord")
	made.Dir = root
	if out, err := made.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	for _, folder := range []string{"cmd", "configs"} {
		if err := os.Symlink(filepath.Join(root, folder), filepath.Join(dir, folder)); err != nil {
			t.Fatal(err)
		}
	}

	// Whatever fails ends the script; its gateways end with it.
	const before = "set -euo pipefail\ntrap 'for p in $(jobs -p); do kill \"$p\" || true; done' EXIT\n"
	cmd := exec.CommandContext(ctx, "bash", "-c", before+script)
	cmd.Dir = dir
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 5 * time.Second
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("the tour of README.md: %v\n%s", err, out)
	}
	text := string(out)
	for _, said := range []string{
		"conditional for import by NZ", "condition requirementGap", "tour/cn is in use by its gateway, which is asked at", "already archived",
		"notRecognised for import by NZ", "the document is suspended", "exit status 1",
		"every record, body, proof and view agrees with the ledger",
	} {
		if !strings.Contains(text, said) {
			t.Errorf("the tour did not say %q", said)
		}
	}
	if t.Failed() {
		t.Log(text)
	}
}

// What is shown of several gateways needs a database; that its calls are those
// of the command line is checked here, what they do by the scripts.
func TestReadme_callsParse(t *testing.T) {
	t.Parallel()
	blocks := readmeShell(t, readReadme(t), "## Several gateways on one ledger")
	found := 0
	for line := range strings.Lines(strings.ReplaceAll(strings.Join(blocks, "\n"), "\\\n", " ")) {
		words := shellWords(t, strings.TrimSpace(line))
		if len(words) == 0 || words[0] != "accord" {
			t.Errorf("not a call: %s", line)
			continue
		}
		parser, err := newParser(&cli{}, io.Discard, io.Discard, func(int) {})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parser.Parse(words[1:]); err != nil {
			t.Errorf("%s: %v", strings.TrimSpace(line), err)
		}
		found++
	}
	if found != 3 {
		t.Errorf("%d calls", found)
	}
}

// tourPort returns ":" and a port of this machine that nobody listens on.
func tourPort(t *testing.T) string {
	t.Helper()
	addr, err := freeAddress()
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf(":%s", port)
}
