package main

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestScripts runs testdata/script/*.txtar: the commands as people type them,
// each in a process of its own, with their exit statuses.
//
// Beside testscript's own commands there are
//
//	status N accord …   the command must end with exit status N
//	ready URL           wait until a gateway answers
//	tamper FROM TO      change one character of the payload of a JWS
//	fetch TYPE URL FILE write what a URL answers, in that media type
//
// $CN and $NZ are URLs with free ports ($CN_TLS and $NZ_TLS the same with
// https, $CN_ADDR and $NZ_ADDR host and port), $DATA has the demo's documents.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:   "testdata/script",
		Setup: scriptEnv,
		Cmds:  scriptCommands,
	})
}

// scriptCommands are what scripts have beside testscript's own.
var scriptCommands = map[string]func(*testscript.TestScript, bool, []string){
	"status": scriptStatus, "ready": scriptReady, "refusing": scriptRefusing, "tamper": scriptTamper, "fetch": scriptFetch,
}

func scriptEnv(s *testscript.Env) error {
	data, err := filepath.Abs("demodata")
	if err != nil {
		return err
	}
	s.Setenv("DATA", data)
	s.Setenv("SPS", filepath.Join(filepath.Dir(filepath.Dir(filepath.Dir(data))), "formats", "sps", "testdata", "certificate.xml"))
	for _, name := range []string{"CN", "NZ"} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		s.Setenv(name, "http://"+l.Addr().String())
		s.Setenv(name+"_TLS", "https://"+l.Addr().String())
		s.Setenv(name+"_ADDR", l.Addr().String())
		// Both are held until each is known, so that they differ.
		defer func() { _ = l.Close() }()
	}
	return nil
}

func scriptStatus(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N command…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

func scriptReady(ts *testscript.TestScript, _ bool, args []string) {
	// Only whether somebody answers is asked here.
	insecure := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}}
	for range 100 {
		res, err := insecure.Get(args[0] + "/readyz")
		if err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	ts.Fatalf("%s is not ready", args[0])
}

// scriptTamper copies a compact JWS with one character of its payload changed.
func scriptTamper(ts *testscript.TestScript, _ bool, args []string) {
	parts := strings.Split(ts.ReadFile(args[0]), ".")
	middle := len(parts[1]) / 2
	other := "A"
	if parts[1][middle] == 'A' {
		other = "B"
	}
	parts[1] = parts[1][:middle] + other + parts[1][middle+1:]
	ts.Check(writeNew(ts.MkAbs(args[1]), []byte(strings.Join(parts, "."))))
}

func scriptFetch(ts *testscript.TestScript, _ bool, args []string) {
	req, err := http.NewRequest(http.MethodGet, args[1], nil)
	ts.Check(err)
	req.Header.Set("Accept", args[0])
	res, err := http.DefaultClient.Do(req)
	ts.Check(err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	ts.Check(err)
	if res.StatusCode != http.StatusOK {
		ts.Fatalf("%s: %s: %s", args[1], res.Status, body)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), body, 0o600))
}
