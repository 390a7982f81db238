package deploy_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"accord/configs"
	"accord/gateway/api"
	"accord/internal/fault"
	"accord/internal/obs"

	"github.com/prometheus/client_golang/prometheus"
	"go.yaml.in/yaml/v3"
)

const manual = "../docs/operations.md"

func read(t testing.TB, name string) string {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// metrics are those of the code, with their labels.
func metrics(t testing.TB) map[string][]string {
	t.Helper()
	r := &described{labels: map[string][]string{}}
	obs.NewMetrics(r).ViewLag(func() obs.Lag { return obs.Lag{} })
	if len(r.labels) == 0 {
		t.Fatal("no metric says its name")
	}
	return r.labels
}

// described is a Registerer that keeps what metrics are called.
type described struct{ labels map[string][]string }

var description = regexp.MustCompile(`fqName: "([^"]+)".*variableLabels: \{([^}]*)\}`)

func (d *described) Register(c prometheus.Collector) error {
	ch := make(chan *prometheus.Desc)
	go func() {
		c.Describe(ch)
		close(ch)
	}()
	for desc := range ch {
		m := description.FindStringSubmatch(desc.String())
		if m == nil {
			return fmt.Errorf("the form of a description has changed: %s", desc)
		}
		d.labels[m[1]] = strings.FieldsFunc(m[2], func(r rune) bool { return r == ',' })
	}
	return nil
}

func (d *described) MustRegister(cs ...prometheus.Collector) {
	for _, c := range cs {
		if err := d.Register(c); err != nil {
			panic(err)
		}
	}
}

func (d *described) Unregister(prometheus.Collector) bool { return false }

var (
	metricName = regexp.MustCompile(`\baccord_[a-z_]+`)
	selector   = regexp.MustCompile(`\b(accord_[a-z_]+)\{([^}]*)\}`)
	matcher    = regexp.MustCompile(`([a-z_]+)\s*(=~|!~|!=|=)\s*"([^"]*)"`)
	grouping   = regexp.MustCompile(`\b(?:by|without) \(([^)]*)\)`)
)

// baseName is the name under which a metric is registered.
func baseName(known map[string][]string, name string) (string, bool) {
	for _, suffix := range []string{"", "_bucket", "_sum", "_count"} {
		base := strings.TrimSuffix(name, suffix)
		if _, ok := known[base]; ok && (suffix == "" || base != name && strings.HasSuffix(base, "_seconds")) {
			return base, true
		}
	}
	return "", false
}

// metricProblems finds names, labels and codes that are not those of the code.
func metricProblems(known map[string][]string, text string) []string {
	var found []string
	for _, name := range metricName.FindAllString(text, -1) {
		if _, ok := baseName(known, name); !ok {
			found = append(found, "there is no metric "+name)
		}
	}
	for _, s := range selector.FindAllStringSubmatch(text, -1) {
		base, _ := baseName(known, s[1])
		for _, m := range matcher.FindAllStringSubmatch(s[2], -1) {
			if !slices.Contains(append(known[base], "le", "job"), m[1]) {
				found = append(found, fmt.Sprintf("%s has no label %s", s[1], m[1]))
			}
			if m[1] == "code" && m[3] != "" && !isCode(m[3]) {
				found = append(found, "there is no code "+m[3])
			}
			if m[1] == "route" && !strings.Contains(m[2], "~") && !isPath(m[3]) {
				found = append(found, "there is no route "+m[3])
			}
		}
	}
	for _, g := range grouping.FindAllStringSubmatch(text, -1) {
		for label := range strings.SplitSeq(g[1], ",") {
			label = strings.TrimSpace(label)
			if label != "le" && !slices.ContainsFunc(mapValues(known), func(l string) bool { return l == label }) {
				found = append(found, "no metric has the label "+label)
			}
		}
	}
	return found
}

func mapValues(m map[string][]string) (all []string) {
	for _, v := range m {
		all = append(all, v...)
	}
	return all
}

func isCode(s string) bool {
	return s == string(fault.Internal) || fault.Lookup(fault.Code(s)).Code == fault.Code(s)
}

// isPath reports whether the API has a path; what stands in braces is the same.
func isPath(s string) bool {
	s, _, _ = strings.Cut(s, "?")
	for line := range strings.Lines(string(api.OpenAPI())) {
		if path, ok := strings.CutSuffix(strings.TrimSpace(line), ":"); ok && strings.HasPrefix(path, "/") && path == s {
			return true
		}
	}
	return slices.Contains([]string{"/metrics", "/debug/pprof/"}, s)
}

// fence is a block of code of a text in Markdown.
type fence struct{ language, code string }

var fences = regexp.MustCompile("(?ms)^```([a-z]*)\n(.*?)^```$")

func fencesOf(markdown string) (found []fence) {
	for _, m := range fences.FindAllStringSubmatch(markdown, -1) {
		found = append(found, fence{m[1], m[2]})
	}
	return found
}

// shellLines joins what a backslash divides, and leaves comments out.
func shellLines(code string) (lines []string) {
	for line := range strings.Lines(strings.ReplaceAll(code, "\\\n", " ")) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	return lines
}

var (
	inline      = regexp.MustCompile("`([^`\n]+)`")
	variable    = regexp.MustCompile(`\bACCORD_[A-Z_]+\b`)
	unit        = regexp.MustCompile(`\baccord-archive@([a-z]+)`)
	dotted      = regexp.MustCompile(`^[a-z][a-z_0-9]*\.[a-z_0-9]+$`)
	snake       = regexp.MustCompile(`^[a-z]+(?:_[a-z]+)+$`)
	ourPath     = regexp.MustCompile(`^/(?:v1|readyz|healthz|metrics|debug|openapi)\b`)
	fileEndings = []string{".yaml", ".json", ".ndjson", ".pem", ".sqlite", ".service", ".conf", ".seg", ".js", ".md", ".key"}
)

// wordProblems holds the code between backticks of a text against the program.
func wordProblems(p *program, text string) []string {
	var found []string
	for _, m := range inline.FindAllStringSubmatch(fences.ReplaceAllString(text, ""), -1) {
		word := m[1]
		switch {
		case strings.HasPrefix(word, "accord "):
			for _, args := range calls(word) {
				found = append(found, p.check(args, true)...)
			}
		case strings.HasPrefix(word, "--"):
			if !p.hasFlag(strings.TrimPrefix(strings.FieldsFunc(word, func(r rune) bool { return r == ' ' || r == '=' })[0], "--")) {
				found = append(found, "no command has the flag "+word)
			}
		case ourPath.MatchString(word):
			if !isPath(word) {
				found = append(found, "the API has no path "+word)
			}
		case dotted.MatchString(word):
			isFile := slices.ContainsFunc(fileEndings, func(e string) bool { return strings.HasSuffix(word, e) })
			if !isFile && !isKey(strings.ReplaceAll(word, ".", "/")) && !isCode(word) {
				found = append(found, word+" is neither a key of the configuration nor an error code")
			}
		case snake.MatchString(word) && !strings.HasPrefix(word, "accord_"):
			if !isKey(word) && !slices.Contains(logFields, word) {
				found = append(found, word+" is no key of the configuration")
			}
		}
	}
	return found
}

// logFields are fields of log lines and values of labels that look like keys.
var logFields = []string{"trace_id", "parent_id", "in_flight"}

func isKey(s string) bool {
	return slices.ContainsFunc(configs.Keys(), func(k string) bool { return k == s || strings.HasPrefix(k, s+"/") })
}

func (p *program) hasFlag(name string) bool {
	var any func(words []string) bool
	any = func(words []string) bool {
		c, err := p.command(words)
		if err != nil {
			return false
		}
		if _, ok := c.flags[name]; ok {
			return true
		}
		return slices.ContainsFunc(c.kids, func(kid string) bool { return any(append(slices.Clone(words), kid)) })
	}
	return any(nil)
}

// generalProblems are those that any text can have.
func generalProblems(p *program, text string) []string {
	var found []string
	for _, v := range variable.FindAllString(text, -1) {
		if !slices.Contains([]string{"ACCORD_HOME", "ACCORD_SERVER", configs.ArchiveVariable}, v) && !isTestVariable(v) {
			found = append(found, "there is no variable "+v)
		}
	}
	for _, m := range unit.FindAllStringSubmatch(text, -1) {
		found = append(found, p.check([]string{"archive", m[1]}, false)...)
	}
	return found
}

// isTestVariable reports whether the tests on a MongoDB server read a variable.
func isTestVariable(name string) bool {
	raw, err := os.ReadFile("../storage/mongo/conformance/server_test.go")
	return err == nil && strings.Contains(string(raw), `"`+name+`"`)
}

// configProblems holds a part of a configuration against the table of keys, by
// giving a whole one with that part in it to the program.
func configProblems(part string) []string {
	var whole, own map[string]any
	if err := yaml.Unmarshal([]byte(part), &own); err != nil {
		return []string{err.Error()}
	}
	if err := yaml.Unmarshal(configs.Example(), &whole); err != nil {
		return []string{err.Error()}
	}
	for key, value := range own {
		whole[key] = value
	}
	text, err := yaml.Marshal(whole)
	if err != nil {
		return []string{err.Error()}
	}
	if err := configs.Validate(text); err != nil {
		return []string{part + err.Error()}
	}
	return nil
}

// manualProblems are all that a text like docs/operations.md can have.
func manualProblems(p *program, known map[string][]string, text string) []string {
	found := append(generalProblems(p, text), metricProblems(known, text)...)
	text, later := notYet(text)
	found = append(found, wordProblems(p, text)...)
	for _, f := range fencesOf(text) {
		switch f.language {
		case "sh":
			for _, line := range shellLines(f.code) {
				for _, args := range calls(line) {
					found = append(found, p.check(args, false)...)
				}
			}
		case "yaml":
			found = append(found, configProblems(f.code)...)
		case "promql", "text", "json":
		default:
			found = append(found, "a block of code in the language "+f.language+" is not checked")
		}
	}
	for _, args := range later {
		if len(p.check(args, false)) == 0 {
			found = append(found, fmt.Sprintf("accord %s is there, but stands under %q", strings.Join(args, " "), notYetTitle))
		}
	}
	return found
}

const notYetTitle = "## Not there yet"

// notYet takes the section of what is not there out of the text and returns the
// commands that its table names.
func notYet(text string) (rest string, commands [][]string) {
	before, after, ok := strings.Cut(text, notYetTitle+"\n")
	if !ok {
		return text, nil
	}
	section, behind, _ := strings.Cut(after, "\n## ")
	for line := range strings.Lines(section) {
		if !strings.HasPrefix(line, "| `accord ") {
			continue
		}
		cell, _, _ := strings.Cut(line[2:], "|")
		for _, m := range inline.FindAllStringSubmatch(cell, -1) {
			commands = append(commands, calls(m[1])...)
		}
	}
	return before + "\n## " + behind, commands
}

func report(t *testing.T, name string, found []string) {
	t.Helper()
	for _, f := range found {
		t.Errorf("%s: %s", name, f)
	}
}

func TestManual_namesWhatThereIs(t *testing.T) {
	t.Parallel()
	text := read(t, manual)
	known := metrics(t)
	report(t, manual, manualProblems(accord(t), known, text))
	for name := range known {
		if !strings.Contains(text, "`"+name+"`") {
			t.Errorf("%s says nothing of the metric %s", manual, name)
		}
	}
	for _, key := range configs.Keys() {
		if strings.HasPrefix(key, "limits/") && !strings.Contains(text, "`"+strings.ReplaceAll(key, "/", ".")+"`") {
			t.Errorf("%s says nothing of the limit %s", manual, key)
		}
	}
}

var (
	link    = regexp.MustCompile(`\]\(([^)#:]+)(?:#[^)]*)?\)`)
	anchor  = regexp.MustCompile(`\]\(#([^)]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.+)$`)
)

func TestManual_linksLeadSomewhere(t *testing.T) {
	t.Parallel()
	text := read(t, manual)
	for _, m := range link.FindAllStringSubmatch(text, -1) {
		if _, err := os.Stat("../docs/" + m[1]); err != nil {
			t.Error(err)
		}
	}
	var places []string
	for _, m := range heading.FindAllStringSubmatch(fences.ReplaceAllString(text, ""), -1) {
		place := strings.ReplaceAll(strings.ToLower(m[1]), " ", "-")
		places = append(places, strings.ReplaceAll(place, ",", ""))
	}
	for _, m := range anchor.FindAllStringSubmatch(text, -1) {
		if !slices.Contains(places, m[1]) {
			t.Errorf("no heading is called %s", m[1])
		}
	}
}

// A check that lets a misspelt name through is itself broken.
func TestChecks_noticeMisspelling(t *testing.T) {
	t.Parallel()
	p, known := accord(t), metrics(t)
	for _, test := range []struct{ text, want string }{
		{"`accord archive verfy`", "no command verfy"},
		{"`accord sevre --home x`", "no command sevre"},
		{"`accord serve --hoem x`", "no flag --hoem"},
		{"```sh\nsudo -u accord accord archive rebiuld --home x\n```", "no command rebiuld"},
		{"```sh\ncurl -H \"Bearer $(accord token --audience x --operater)\" x\n```", "no flag --operater"},
		{"```sh\naccord keys \\\n  rotate --overlapp=1h doc\n```", "no flag --overlapp"},
		{"```sh\naccord keys\n```", "a command is missing"},
		{"`systemctl start accord-archive@verfiy`", "no command verfiy"},
		{"`--hme`", "no command has the flag"},
		{"`accord_archive_redy`", "no metric accord_archive_redy"},
		{"`accord_archive_ready_sum`", "no metric accord_archive_ready_sum"},
		{"```promql\naccord_archive_ready{cod=\"x\"}\n```", "has no label cod"},
		{"```promql\naccord_inputs_refused_total{code=\"http.storage_ful\"}\n```", "no code http.storage_ful"},
		{"```promql\nsum by (quoat) (accord_rate_limited_total)\n```", "the label quoat"},
		{"```promql\naccord_http_requests_total{route=\"/v1/attestation\"}\n```", "no route /v1/attestation"},
		{"`limits.memory_mb`", "limits.memory_mb is neither"},
		{"`http.storage_ful`", "http.storage_ful is neither"},
		{"`archive_pasword`", "archive_pasword is no key"},
		{"`/v1/ledger/checkpont`", "the API has no path"},
		{"`ACCORD_HOM`", "no variable ACCORD_HOM"},
		{"```yaml\nlimits:\n  memory_mb: 1\n```", "memory_mib"},
		{"```yaml\narchive_password: swordfish\n```", "archive_password"},
		{"```\nx\n```", "is not checked"},
		{notYetTitle + "\n\n| `accord archive verify` | x |\n", "is there, but stands under"},
	} {
		found := strings.Join(manualProblems(p, known, test.text), "\n")
		if test.want == "memory_mib" {
			test.want = "schema.unknown_field"
		}
		if !strings.Contains(found, test.want) {
			t.Errorf("%q: found %q, not %q", test.text, found, test.want)
		}
	}
	const good = "`accord archive verify` of `limits.memory_mib` at `/readyz`: `http.storage_full`, `accord_http_request_seconds_bucket`, `--home`\n" +
		"```sh\nA=b accord partner add --home x p.json && runuser -u accord -- accord serve > log\n```\n```yaml\nlimits:\n  memory_mib: 1\n```\n"
	report(t, "what is right", manualProblems(p, known, good))
}
