package deploy_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"
)

// image is a Dockerfile that was read.
type image struct{ stages []*stage }

func (i *image) last() *stage { return i.stages[len(i.stages)-1] }

type stage struct {
	from, name                string
	user, expose              string
	env                       map[string]string
	run                       []string
	copies                    []copied
	entrypoint, cmd, healthly []string
}

type copied struct {
	from    string // stage; empty: what is sent to the builder
	chown   string
	sources []string
	target  string
}

var (
	instruction = regexp.MustCompile(`^([A-Z]+)\s+(.+)$`)
	stageFrom   = regexp.MustCompile(`^(\S+)(?: AS ([a-z][a-z0-9-]*))?$`)
	option      = regexp.MustCompile(`^--([a-z-]+)=(\S+)\s+`)
)

// parseDockerfile reads the instructions that ours uses; every other one is an
// error, and so is one that is not well-formed.
func parseDockerfile(text string) (*image, error) {
	i := &image{}
	for n, line := range logicalLines(text) {
		m := instruction.FindStringSubmatch(line)
		if m == nil {
			return nil, fmt.Errorf("instruction %d is none: %s", n+1, line)
		}
		if len(i.stages) == 0 && m[1] != "FROM" {
			return nil, fmt.Errorf("%s stands before FROM", m[1])
		}
		if err := i.add(m[1], m[2]); err != nil {
			return nil, fmt.Errorf("%s: %w", line, err)
		}
	}
	if len(i.stages) == 0 {
		return nil, fmt.Errorf("there is no FROM")
	}
	return i, nil
}

// logicalLines leaves comments out and joins what a backslash divides.
func logicalLines(text string) (lines []string) {
	joined := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		rest, more := strings.CutSuffix(line, "\\")
		joined += rest
		if !more {
			lines = append(lines, joined)
			joined = ""
		}
	}
	if joined != "" {
		lines = append(lines, joined)
	}
	return lines
}

func (i *image) add(name, rest string) error {
	if name == "FROM" {
		m := stageFrom.FindStringSubmatch(rest)
		if m == nil {
			return fmt.Errorf("not IMAGE [AS NAME]")
		}
		i.stages = append(i.stages, &stage{from: m[1], name: m[2], env: map[string]string{}})
		return nil
	}
	s := i.last()
	options := map[string]string{}
	for m := option.FindStringSubmatch(rest); m != nil; m = option.FindStringSubmatch(rest) {
		options[m[1]], rest = m[2], rest[len(m[0]):]
	}
	switch name {
	case "RUN":
		s.run = append(s.run, rest)
	case "WORKDIR":
		if !path.IsAbs(rest) {
			return fmt.Errorf("not absolute")
		}
	case "COPY":
		return s.copy(i, options, strings.Fields(rest))
	case "USER":
		s.user = rest
	case "ENV":
		key, value, ok := strings.Cut(rest, "=")
		if !ok {
			return fmt.Errorf("not NAME=VALUE")
		}
		s.env[key] = value
	case "EXPOSE":
		s.expose = rest
	case "HEALTHCHECK":
		list, ok := strings.CutPrefix(rest, "CMD ")
		for o := range options {
			if !slices.Contains([]string{"interval", "timeout", "start-period", "retries"}, o) {
				return fmt.Errorf("there is no --%s", o)
			}
		}
		if !ok {
			return fmt.Errorf("not CMD [...]")
		}
		return json.Unmarshal([]byte(list), &s.healthly)
	case "ENTRYPOINT":
		return json.Unmarshal([]byte(rest), &s.entrypoint) // the form without a shell
	case "CMD":
		return json.Unmarshal([]byte(rest), &s.cmd)
	default:
		return fmt.Errorf("there is no instruction %s", name)
	}
	if len(options) > 0 && name != "HEALTHCHECK" {
		return fmt.Errorf("options that %s does not have", name)
	}
	return nil
}

func (s *stage) copy(i *image, options map[string]string, words []string) error {
	if len(words) < 2 {
		return fmt.Errorf("not SOURCE TARGET")
	}
	c := copied{from: options["from"], chown: options["chown"], sources: words[:len(words)-1], target: words[len(words)-1]}
	delete(options, "from")
	delete(options, "chown")
	if len(options) > 0 {
		return fmt.Errorf("options that COPY does not have here")
	}
	if c.from != "" && !slices.ContainsFunc(i.stages[:len(i.stages)-1], func(s *stage) bool { return s.name == c.from }) {
		return fmt.Errorf("there is no stage %s before", c.from)
	}
	s.copies = append(s.copies, c)
	return nil
}

func dockerfile(t testing.TB) *image {
	t.Helper()
	i, err := parseDockerfile(read(t, "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	return i
}

var numericUser = regexp.MustCompile(`^([1-9][0-9]*):([1-9][0-9]*)$`)

func TestDockerfile_isWellMade(t *testing.T) {
	t.Parallel()
	text, i := read(t, "Dockerfile"), dockerfile(t)
	p, s := accord(t), i.last()
	report(t, "Dockerfile", generalProblems(p, text))
	report(t, "Dockerfile", wordProblems(p, text))
	report(t, "Dockerfile", p.check(s.cmd, false))
	if len(s.entrypoint) != 1 || s.entrypoint[0] != "/usr/local/bin/accord" {
		t.Errorf("entry point %v", s.entrypoint)
	}
	if !numericUser.MatchString(s.user) {
		t.Errorf("user %q is not a number above 0", s.user)
	}
	for _, c := range s.copies {
		if c.chown != "" && c.chown != s.user {
			t.Errorf("%v belongs to %s, not to the user %s", c.sources, c.chown, s.user)
		}
	}
	if s.from != "scratch" || len(s.run) > 0 {
		t.Errorf("the image is not of our files alone: %s, %v", s.from, s.run)
	}
	build := strings.Join(i.stages[0].run, "\n")
	for _, want := range []string{"CGO_ENABLED=0 ", " -trimpath ", " ./cmd/accord ", " ./deploy/ready"} {
		if !strings.Contains(build, want) {
			t.Errorf("the binary is built without %s", want)
		}
	}
	if len(s.healthly) != 2 || s.healthly[0] != "/usr/local/bin/ready" || !strings.HasSuffix(s.healthly[1], ":"+s.expose+"/readyz") {
		t.Errorf("health check %v", s.healthly)
	}
}

// The image is built with the Go of go.mod.
func TestDockerfile_hasTheGoOfTheModule(t *testing.T) {
	t.Parallel()
	raw := read(t, "../go.mod")
	mod, err := modfile.Parse("go.mod", []byte(raw), nil)
	if err != nil {
		t.Fatal(err)
	}
	minor := strings.Join(strings.SplitN(mod.Go.Version, ".", 3)[:2], ".")
	if from := dockerfile(t).stages[0].from; !strings.HasPrefix(from, "golang:"+minor+"-") {
		t.Errorf("%s is not of Go %s", from, minor)
	}
}

// The builder gets every folder that the binary is made of, and no other: a
// home in the checkout has private keys.
func TestDockerignore_listsWhatIsBuilt(t *testing.T) {
	t.Parallel()
	lines := logicalLines(read(t, "Dockerfile.dockerignore"))
	if lines[0] != "*" {
		t.Fatal("it does not begin with leaving everything out")
	}
	list := exec.Command("go", "list", "-deps", "-f", "{{if and .Module .Module.Main}}{{.ImportPath}}{{end}}", "./cmd/accord", "./deploy/ready")
	list.Dir = ".."
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	needed := map[string]bool{"go.mod": false, "go.sum": false}
	for line := range strings.Lines(string(out)) {
		_, folder, _ := strings.Cut(strings.TrimSpace(line), "/")
		if strings.HasPrefix(folder, "deploy/") {
			needed[folder] = false
			continue
		}
		top, _, _ := strings.Cut(folder, "/")
		needed[top] = false
	}
	for _, line := range lines[1:] {
		folder, back := strings.CutPrefix(line, "!")
		if !back {
			continue
		}
		if _, ok := needed[folder]; !ok {
			t.Errorf("%s is sent to the builder for nothing", folder)
		}
		needed[folder] = true
	}
	for folder, sent := range needed {
		if !sent {
			t.Errorf("%s is missing", folder)
		}
	}
	for _, private := range []string{"**/*.pem", "**/*.key"} {
		if !slices.Contains(lines, private) {
			t.Errorf("%s would be sent to the builder", private)
		}
	}
}

func TestDockerfile_checksNotice(t *testing.T) {
	t.Parallel()
	good := read(t, "Dockerfile")
	for _, test := range []struct{ old, misspelt string }{
		{"\nUSER", "\nUSR"}, {"--from=build", "--from=biuld"}, {"--from=build", "--form=build"}, {"CMD [\"serve\"", "CMD [serve\""},
		{"--retries", "--retires"}, {"FROM golang", "FORM golang"}, {"ENV ACCORD_HOME=", "ENV ACCORD_HOME "}, {"--chown=", "--chwon="},
		{"\nRUN CGO", "\nCGO"},
	} {
		text := strings.Replace(good, test.old, test.misspelt, 1)
		if _, err := parseDockerfile(text); text == good || err == nil {
			t.Errorf("%s was not noticed", test.misspelt)
		}
	}
}

func TestReady_asksThisMachineOnly(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{nil, {"http://127.0.0.1:1/readyz"}, {"https://gateway.example/readyz"}, {"http://[::1"}, {"x", "y"}} {
		cmd := exec.Command(binary(t, "ready"), args...)
		cmd.Env = []string{"HTTP_PROXY=http://127.0.0.1:9", "PATH=" + os.Getenv("PATH")}
		if out, err := cmd.CombinedOutput(); err == nil || len(out) == 0 {
			t.Errorf("%v: %v, %s", args, err, out)
		}
	}
}
