package deploy_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

// rules is a file of rules for Prometheus.
type rules struct {
	Groups []struct {
		Name  string `yaml:"name"`
		Rules []struct {
			Alert       string            `yaml:"alert"`
			Expr        string            `yaml:"expr"`
			For         string            `yaml:"for"`
			Labels      map[string]string `yaml:"labels"`
			Annotations map[string]string `yaml:"annotations"`
		} `yaml:"rules"`
	} `yaml:"groups"`
}

func parseRules(raw []byte) (r rules, err error) {
	d := yaml.NewDecoder(bytes.NewReader(raw))
	d.KnownFields(true)
	return r, d.Decode(&r)
}

func TestAlerts_askForWhatThereIs(t *testing.T) {
	t.Parallel()
	const name = "alerts.yaml"
	r, err := parseRules([]byte(read(t, name)))
	if err != nil {
		t.Fatal(err)
	}
	known, text := metrics(t), read(t, manual)
	var alerts []string
	for _, g := range r.Groups {
		for _, rule := range g.Rules {
			alerts = append(alerts, rule.Alert)
			report(t, rule.Alert, metricProblems(known, rule.Expr))
			if !balanced(rule.Expr) || rule.Annotations["summary"] == "" || !slices.Contains([]string{"page", "ticket"}, rule.Labels["severity"]) {
				t.Errorf("%s: %+v", rule.Alert, rule)
			}
			if _, err := time.ParseDuration(rule.For); err != nil && rule.For != "" {
				t.Error(rule.Alert, err)
			}
			if !strings.Contains(text, "| "+rule.Alert+" |") {
				t.Errorf("%s does not say what to do at %s", manual, rule.Alert)
			}
		}
	}
	for line := range strings.Lines(text) {
		if alert, ok := strings.CutPrefix(line, "| Accord"); ok {
			alert, _, _ = strings.Cut("Accord"+alert, " |")
			if !slices.Contains(alerts, alert) {
				t.Errorf("there is no alert %s", alert)
			}
		}
	}
	if _, err := parseRules([]byte("groups: [{name: a, rules: [{alert: b, exprr: c}]}]")); err == nil {
		t.Error("a misspelt member was not noticed")
	}
}

// balanced reports whether brackets and quotes of an expression are closed.
func balanced(expr string) bool {
	var open []rune
	quoted := false
	for _, r := range expr {
		switch {
		case r == '"':
			quoted = !quoted
		case quoted:
		case strings.ContainsRune("([{", r):
			open = append(open, r)
		case strings.ContainsRune(")]}", r):
			if len(open) == 0 || strings.IndexRune("([{", open[len(open)-1]) != strings.IndexRune(")]}", r) {
				return false
			}
			open = open[:len(open)-1]
		}
	}
	return len(open) == 0 && !quoted
}
