package deploy_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// unitFile is a unit of systemd: its lines by section and key, in order.
type unitFile map[string]map[string][]string

// unitKeys are the keys that our units use, by section. systemd ignores a key
// that it does not know; a misspelt one would protect nothing.
var unitKeys = map[string][]string{
	"Unit": {"Description", "Wants", "After", "Conflicts", "StartLimitIntervalSec", "StartLimitBurst"},
	"Service": {
		"Type", "User", "Group", "StateDirectory", "StateDirectoryMode", "UMask", "LoadCredential", "RuntimeDirectory", "RuntimeDirectoryMode",
		"ExecStartPre", "ExecStart", "Restart", "RestartSec", "RestartPreventExitStatus", "TimeoutStartSec", "TimeoutStopSec",
		"LimitNOFILE", "LimitCORE", "MemoryMax", "TasksMax",
		"ProtectSystem", "ProtectHome", "PrivateTmp", "PrivateDevices", "NoNewPrivileges", "CapabilityBoundingSet", "AmbientCapabilities",
		"MemoryDenyWriteExecute", "RestrictAddressFamilies", "RestrictNamespaces", "RestrictRealtime", "RestrictSUIDSGID", "LockPersonality",
		"RemoveIPC", "ProtectClock", "ProtectControlGroups", "ProtectHostname", "ProtectKernelLogs", "ProtectKernelModules",
		"ProtectKernelTunables", "ProtectProc", "KeyringMode", "SystemCallArchitectures", "SystemCallFilter", "SystemCallErrorNumber",
	},
	"Install": {"WantedBy"},
}

var unitLine = regexp.MustCompile(`^([A-Za-z]+)=(.*)$`)

func parseUnit(text string) (unitFile, error) {
	u, section := unitFile{}, ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if name, ok := strings.CutPrefix(line, "["); ok {
			section = strings.TrimSuffix(name, "]")
			if unitKeys[section] == nil || u[section] != nil {
				return nil, fmt.Errorf("the section %s is unknown or there twice", line)
			}
			u[section] = map[string][]string{}
			continue
		}
		m := unitLine.FindStringSubmatch(line)
		if m == nil || !slices.Contains(unitKeys[section], m[1]) {
			return nil, fmt.Errorf("[%s] does not have %s", section, line)
		}
		u[section][m[1]] = append(u[section][m[1]], m[2])
	}
	return u, nil
}

const (
	serviceUnit = "accord.service"
	archiveUnit = "accord-archive@.service"
	mongoDropIn = "accord.service.d/mongodb.conf"
)

func unitOf(t testing.TB, name string) unitFile {
	t.Helper()
	u, err := parseUnit(read(t, name))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return u
}

// credentials are the files that a unit hands over, by name.
func credentials(t testing.TB, u unitFile) []string {
	t.Helper()
	var names []string
	for _, line := range u["Service"]["LoadCredential"] {
		name, source, ok := strings.Cut(line, ":")
		if !ok || source != "/etc/accord/keys/"+name {
			t.Errorf("credential %s", line)
		}
		names = append(names, name)
	}
	return names
}

// commentLines are the lines of code in the comments of a file.
func commentLines(text string) (lines []string) {
	for line := range strings.Lines(text) {
		if code, ok := strings.CutPrefix(line, "#   "); ok {
			lines = append(lines, strings.TrimSpace(code))
		}
	}
	return lines
}

func TestUnits_areWellMade(t *testing.T) {
	t.Parallel()
	p := accord(t)
	for _, name := range []string{serviceUnit, archiveUnit, mongoDropIn} {
		text, u := read(t, name), unitOf(t, name)
		report(t, name, generalProblems(p, text))
		report(t, name, wordProblems(p, text))
		for _, line := range commentLines(text) {
			for _, args := range calls(line) {
				report(t, name, p.check(args, false))
			}
		}
		for _, line := range u["Service"]["ExecStart"] {
			for _, args := range calls(strings.ReplaceAll(line, "%i", "verify")) {
				report(t, name, p.check(args, false))
			}
			if !strings.HasPrefix(line, "/usr/local/bin/accord ") {
				t.Errorf("%s starts %s", name, line)
			}
		}
		credentials(t, u)
	}
	s := unitOf(t, serviceUnit)["Service"]
	for key, want := range map[string]string{
		"ProtectSystem": "strict", "NoNewPrivileges": "yes", "MemoryDenyWriteExecute": "yes", "Restart": "on-failure",
		"RestartPreventExitStatus": "4", "StateDirectory": "accord accord-archive", "CapabilityBoundingSet": "",
	} {
		if got := s[key]; len(got) != 1 || got[0] != want {
			t.Errorf("%s: %v, not %q", key, got, want)
		}
	}
	if d, err := time.ParseDuration(s["TimeoutStopSec"][0]); err != nil || d <= 10*time.Second {
		t.Errorf("requests in flight get 10 s, the service %s", s["TimeoutStopSec"][0])
	}
	again := unitOf(t, mongoDropIn)["Service"]["RestartPreventExitStatus"]
	if len(again) != 1 || again[0] != "" {
		t.Errorf("the drop-in does not take the status back: %v", again)
	}
}

// What the comment of the drop-in writes into accord.yaml is valid.
func TestUnits_databaseIsAccepted(t *testing.T) {
	t.Parallel()
	part := strings.Join(commentLines(read(t, mongoDropIn)), "\n")
	report(t, mongoDropIn, configProblems(part))
	uri, _, _ := strings.Cut(strings.TrimPrefix(part, "archive: "), "\n")
	acceptable(t, uri)
}

func TestUnits_systemdKnowsThem(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip("there is no systemd-analyze on this machine; the own check of sections and keys has been made")
	}
	units := t.TempDir()
	for from, to := range map[string]string{serviceUnit: serviceUnit, archiveUnit: "accord-archive@verify.service", mongoDropIn: mongoDropIn} {
		text := strings.ReplaceAll(read(t, from), "/usr/local/bin/accord", binary(t, "accord"))
		if err := os.MkdirAll(filepath.Dir(filepath.Join(units, to)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(units, to), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{serviceUnit, "accord-archive@verify.service"} {
		cmd := exec.Command("systemd-analyze", "verify", "./"+name)
		cmd.Dir = units
		out, err := cmd.CombinedOutput()
		// What it says of other units of the machine is not ours.
		if ours := regexp.MustCompile(`(?m)^.*accord.*$`).FindAllString(string(out), -1); len(ours) > 0 || err != nil && len(out) == 0 {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}

func TestUnits_checksNotice(t *testing.T) {
	t.Parallel()
	good := read(t, serviceUnit)
	for _, test := range []struct{ old, misspelt string }{
		{"ProtectClock=", "ProtectClok="}, {"[Service]", "[Servce]"}, {"NoNewPrivileges=yes", "NoNewPrivileges"},
		{"[Install]", "[Service]"}, {"WantedBy=", "WantdBy="},
	} {
		text := strings.Replace(good, test.old, test.misspelt, 1)
		if _, err := parseUnit(text); text == good || err == nil {
			t.Errorf("%s was not noticed", test.misspelt)
		}
	}
}

// The audit log is where logrotate looks for it.
func TestLogrotate_namesTheAuditLog(t *testing.T) {
	t.Parallel()
	text := read(t, "accord.logrotate")
	state := strings.Fields(unitOf(t, serviceUnit)["Service"]["StateDirectory"][0])[0]
	if !strings.Contains(text, "\n/var/lib/"+state+"/audit.ndjson {\n") || !strings.Contains(text, "\n    copytruncate\n") ||
		strings.Count(text, "{") != strings.Count(text, "}") {
		t.Error("the audit log is not rotated")
	}
}
