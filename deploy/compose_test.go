package deploy_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"accord/internal/obs"
	"accord/storage/mongo"

	"go.yaml.in/yaml/v3"
)

// composeFile is the part of the Compose specification that our files use.
// Whatever else stands there is refused, a misspelt name above all.
type composeFile struct {
	Name     string                    `yaml:"name"`
	Services map[string]composeService `yaml:"services"`
	Networks map[string]*struct {
		Internal bool `yaml:"internal"`
	} `yaml:"networks"`
	Volumes map[string]*struct {
		Name string `yaml:"name"`
	} `yaml:"volumes"`
	Secrets map[string]struct {
		File string `yaml:"file"`
	} `yaml:"secrets"`
}

type composeService struct {
	Image string `yaml:"image"`
	Build struct {
		Context    string `yaml:"context"`
		Dockerfile string `yaml:"dockerfile"`
	} `yaml:"build"`
	Profiles    []string          `yaml:"profiles"`
	Entrypoint  []string          `yaml:"entrypoint"`
	Command     []string          `yaml:"command"`
	Environment map[string]string `yaml:"environment"`
	Restart     string            `yaml:"restart"`
	DependsOn   map[string]struct {
		Condition string `yaml:"condition"`
	} `yaml:"depends_on"`
	StopGrace   string   `yaml:"stop_grace_period"`
	Ports       []string `yaml:"ports"`
	Networks    []string `yaml:"networks"`
	NetworkMode string   `yaml:"network_mode"`
	Volumes     []string `yaml:"volumes"`
	Secrets     []string `yaml:"secrets"`
	ReadOnly    bool     `yaml:"read_only"`
	Tmpfs       []string `yaml:"tmpfs"`
	CapDrop     []string `yaml:"cap_drop"`
	SecurityOpt []string `yaml:"security_opt"`
	MemLimit    string   `yaml:"mem_limit"`
	Ulimits     struct {
		Nofile int `yaml:"nofile"`
		Core   int `yaml:"core"`
	} `yaml:"ulimits"`
	Healthcheck struct {
		Disable     bool     `yaml:"disable"`
		Test        []string `yaml:"test"`
		Interval    string   `yaml:"interval"`
		Timeout     string   `yaml:"timeout"`
		StartPeriod string   `yaml:"start_period"`
		Retries     int      `yaml:"retries"`
	} `yaml:"healthcheck"`
	Logging struct {
		Driver  string            `yaml:"driver"`
		Options map[string]string `yaml:"options"`
	} `yaml:"logging"`
}

const (
	composeEmbedded = "compose.embedded.yaml"
	composeMongo    = "compose.yaml"
)

func compose(t testing.TB, name string) composeFile {
	t.Helper()
	f, err := parseCompose([]byte(read(t, name)))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return f
}

func parseCompose(raw []byte) (f composeFile, err error) {
	d := yaml.NewDecoder(bytes.NewReader(raw))
	d.KnownFields(true)
	return f, d.Decode(&f)
}

// composeProblems holds a file against itself and the program.
func composeProblems(p *program, f composeFile) []string {
	var found []string
	note := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	for name, s := range f.Services {
		for _, v := range s.Volumes {
			source, target, _ := strings.Cut(v, ":")
			if _, ok := f.Volumes[source]; !ok && !strings.HasPrefix(source, "./") {
				note("%s: the volume %s is not declared", name, source)
			}
			if strings.HasPrefix(source, "./") {
				if _, err := os.Stat(source); err != nil {
					note("%s: %v", name, err)
				}
			}
			if !path.IsAbs(target) {
				note("%s: %s is mounted nowhere", name, source)
			}
		}
		for _, secret := range s.Secrets {
			if _, ok := f.Secrets[secret]; !ok {
				note("%s: the secret %s is not declared", name, secret)
			}
		}
		for _, n := range s.Networks {
			if _, ok := f.Networks[n]; !ok {
				note("%s: the network %s is not declared", name, n)
			}
		}
		for on := range s.DependsOn {
			if _, ok := f.Services[on]; !ok {
				note("%s: there is no service %s", name, on)
			}
		}
		for variable := range s.Environment {
			note("%s: %s stands in the environment; docker inspect shows it", name, variable)
		}
		if s.Image == "accord:latest" {
			found = append(found, callProblems(p, name, s)...)
		} else if !strings.Contains(s.Image, ":") || strings.HasSuffix(s.Image, ":latest") {
			note("%s: which version of %s?", name, s.Image)
		}
	}
	return found
}

// callProblems looks at a container of our own image.
func callProblems(p *program, name string, s composeService) []string {
	var found []string
	args := s.Command
	if len(s.Entrypoint) > 0 {
		if path.Base(s.Entrypoint[0]) != "accord" {
			found = append(found, name+": the entry point is not accord")
		}
		args = append(slices.Clone(s.Entrypoint[1:]), s.Command...)
	}
	if len(args) > 0 {
		found = append(found, p.check(args, false)...)
	}
	for _, arg := range args {
		if ref, ok := strings.CutPrefix(arg, "--archive-password=file:/run/secrets/"); ok && !slices.Contains(s.Secrets, ref) {
			found = append(found, fmt.Sprintf("%s: the secret %s is not mounted", name, ref))
		}
	}
	if !s.ReadOnly || !slices.Equal(s.CapDrop, []string{"ALL"}) || !slices.Contains(s.SecurityOpt, "no-new-privileges:true") {
		found = append(found, name+": the container may more than it needs")
	}
	return found
}

// runArgs finds the arguments that a comment of a file gives to a service.
var runArgs = regexp.MustCompile(`(?m)^# .*docker compose -f deploy/([a-z.]+) run --rm ([a-z]+) (.*)$`)

func TestCompose_isWellMade(t *testing.T) {
	t.Parallel()
	p := accord(t)
	for _, name := range []string{composeEmbedded, composeMongo} {
		text, f := read(t, name), compose(t, name)
		report(t, name, composeProblems(p, f))
		report(t, name, generalProblems(p, text))
		report(t, name, wordProblems(p, text))
		calls := runArgs.FindAllStringSubmatch(text, -1)
		if len(calls) != 1 || calls[0][1] != name {
			t.Fatalf("%s does not say how it is set up", name)
		}
		init := f.Services[calls[0][2]]
		report(t, name, p.check(append(slices.Clone(init.Entrypoint[1:]), split(calls[0][3])...), false))
		holdState(t, name, f)
	}
}

// holdState compares where the state of the gateway lies with the image.
func holdState(t *testing.T, name string, f composeFile) {
	t.Helper()
	gateway, init := f.Services["gateway"], f.Services["init"]
	if !slices.Equal(gateway.Volumes, init.Volumes) {
		t.Errorf("%s: init makes other volumes than those that are served", name)
	}
	image := dockerfile(t)
	home := image.last().env["ACCORD_HOME"]
	if !slices.Contains(gateway.Volumes, "home:"+home) {
		t.Errorf("%s: the home %s of the image lies in no volume", name, home)
	}
	if port := image.last().expose; len(gateway.Ports) != 1 || !strings.HasSuffix(gateway.Ports[0], ":"+port) {
		t.Errorf("%s: publishes %v, the image listens on %s", name, gateway.Ports, port)
	}
	if grace, err := time.ParseDuration(gateway.StopGrace); err != nil || grace <= 10*time.Second {
		t.Errorf("%s: requests in flight get 10 s, the container %s", name, gateway.StopGrace)
	}
	if !strings.HasPrefix(gateway.Restart, "on-failure:") {
		t.Errorf("%s: restarts for ever after exit 4", name)
	}
}

// A backup of one volume must not hold both the archive and the memory of its
// signer (storage.md, "Signer's memory").
func TestCompose_keepsTheMemoryApart(t *testing.T) {
	t.Parallel()
	embedded := compose(t, composeEmbedded).Services["init"]
	archive, ok := strings.CutPrefix(embedded.Entrypoint[len(embedded.Entrypoint)-1], "--archive=local:")
	if !ok || !slices.Contains(embedded.Volumes, "archive:"+archive) {
		t.Errorf("the archive %s lies in no volume of its own: %v", archive, embedded.Volumes)
	}
	home := dockerfile(t).last().env["ACCORD_HOME"]
	if rel, err := filepath.Rel(home, archive); err != nil || !strings.HasPrefix(rel, "..") {
		t.Errorf("the archive %s lies in the home %s", archive, home)
	}
	for name, s := range compose(t, composeMongo).Services {
		if strings.HasPrefix(name, "mongo-") && slices.ContainsFunc(s.Volumes, func(v string) bool { return strings.HasPrefix(v, "home:") }) {
			t.Errorf("%s has the home of the gateway", name)
		}
	}
}

var scriptMembers = regexp.MustCompile(`(?m)^const members = \[(.*)\];$`)

func TestCompose_isOneReplicaSet(t *testing.T) {
	t.Parallel()
	f := compose(t, composeMongo)
	var hosts, volumes []string
	for name, s := range f.Services {
		if !slices.Contains(s.Command, "--replSet") {
			continue
		}
		hosts = append(hosts, name+":27017")
		volumes = append(volumes, s.Volumes...)
		if s.Command[slices.Index(s.Command, "--replSet")+1] != "accord" || !slices.Contains(s.Command, "--keyFile") {
			t.Errorf("%s is of another set, or lets everybody in: %v", name, s.Command)
		}
	}
	slices.Sort(hosts)
	slices.Sort(volumes)
	if len(hosts) != 3 || len(slices.Compact(volumes)) != 3 {
		t.Errorf("three members with data of their own: %v, %v", hosts, volumes)
	}
	script := read(t, "mongodb/replica-set.js")
	members := scriptMembers.FindStringSubmatch(script)
	if members == nil || members[1] != "'"+strings.Join(hosts, "', '")+"'" {
		t.Errorf("the script begins another set than %v: %v", hosts, members)
	}
	for _, s := range regexp.MustCompile(`secret\('([^']+)'\)`).FindAllStringSubmatch(script, -1) {
		if !slices.Contains(f.Services["replica-set"].Secrets, s[1]) {
			t.Errorf("the script reads the secret %s, which it does not have", s[1])
		}
	}
	i := slices.IndexFunc(f.Services["init"].Entrypoint, func(arg string) bool { return strings.HasPrefix(arg, "--archive=") })
	if i < 0 {
		t.Fatal("init does not say where the archive is")
	}
	uri := strings.TrimPrefix(f.Services["init"].Entrypoint[i], "--archive=")
	if want := "mongodb://accord@" + strings.Join(hosts, ",") + "/accord?replicaSet=accord&authSource=admin"; uri != want {
		t.Errorf("got %s, want %s", uri, want)
	}
	acceptable(t, uri)
}

// acceptable holds a connection string against storage/mongo: all that may be
// wrong with it is that nobody is there.
func acceptable(t *testing.T, uri string) {
	t.Helper()
	_, err := mongo.Connect(context.Background(), mongo.Options{URI: uri, Password: obs.NewSecret([]byte("x")), Timeout: 100 * time.Millisecond})
	if err == nil || !strings.Contains(err.Error(), "has no primary that can be reached") {
		t.Errorf("%s: %v", uri, err)
	}
}

// Secrets of a trial run must not be committed or sent to a builder.
func TestCompose_secretsAreIgnored(t *testing.T) {
	t.Parallel()
	for name, s := range compose(t, composeMongo).Secrets {
		if !strings.HasPrefix(s.File, "./secrets/") {
			t.Errorf("%s lies at %s", name, s.File)
		}
	}
	if !strings.Contains(read(t, ".gitignore"), "\n/secrets/\n") {
		t.Error("git would take the secrets")
	}
}

func TestCompose_checksNotice(t *testing.T) {
	t.Parallel()
	p, good := accord(t), read(t, composeEmbedded)
	for _, test := range []struct{ old, misspelt string }{
		{"read_only:", "readonly:"}, {"  gateway:\n", "  gateway:\n    imgae: x\n"}, {"- archive:/", "- archiv:/"},
		{"accord, init, \"--archive=", "accord, init, \"--archiv="}, {"accord, init,", "accord, inti,"}, {"cap_drop: [ALL]", "cap_drop: []"},
		{"    read_only: true\n", "    environment: {PASSWORD: x}\n    read_only: true\n"},
	} {
		text := strings.Replace(good, test.old, test.misspelt, 1)
		f, err := parseCompose([]byte(text))
		if text == good || err == nil && len(composeProblems(p, f)) == 0 {
			t.Errorf("%s was not noticed", test.misspelt)
		}
	}
}
