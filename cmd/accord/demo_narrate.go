package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"accord/client"
)

// narrator tells the demo: as it goes in text, or at the end as one JSON value.
type narrator struct {
	e     *env
	began time.Time
	quiet bool
	kept  string
	steps []*demoStep
}

// demoStep is one step with its evidence.
type demoStep struct {
	Step     int        `json:"step"`
	Title    string     `json:"title"`
	Evidence []demoFact `json:"evidence"`
	Result   string     `json:"result"` // passed, failed
	Problem  string     `json:"problem,omitempty"`
}

// demoFact is one thing that was seen, or that was expected and came.
type demoFact struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// demoReport is the JSON form.
type demoReport struct {
	Result string      `json:"result"`
	Steps  []*demoStep `json:"steps"`
	Took   string      `json:"took"`
	Kept   string      `json:"kept,omitempty"`
}

// step begins a step; the one before has passed.
func (n *narrator) step(title string) {
	n.passed()
	s := &demoStep{Step: len(n.steps) + 1, Title: title, Result: "failed", Evidence: []demoFact{}}
	n.steps = append(n.steps, s)
	if !n.quiet {
		n.e.printf("%s%2d. %s\n", gap(s.Step), s.Step, title)
	}
}

func gap(step int) string {
	if step == 1 {
		return ""
	}
	return "\n"
}

func (n *narrator) passed() {
	if len(n.steps) > 0 {
		n.steps[len(n.steps)-1].Result = "passed"
	}
}

// fact tells evidence of the current step.
func (n *narrator) fact(name, format string, args ...any) {
	f := demoFact{Name: name, Value: fmt.Sprintf(format, args...)}
	s := n.steps[len(n.steps)-1]
	s.Evidence = append(s.Evidence, f)
	if !n.quiet {
		n.e.printf("    %-12s %s\n", f.Name, strings.ReplaceAll(f.Value, "\n", "\n"+strings.Repeat(" ", 17)))
	}
}

// end tells how it came out.
func (n *narrator) end(failure error) error {
	took := time.Since(n.began).Round(10 * time.Millisecond)
	result := "passed"
	if failure != nil {
		result = "failed"
		if len(n.steps) > 0 {
			n.steps[len(n.steps)-1].Problem = failure.Error()
		}
	} else {
		n.passed()
	}
	if n.quiet {
		return n.e.printJSON(demoReport{Result: result, Steps: n.steps, Took: took.String(), Kept: n.kept})
	}
	if failure != nil {
		n.e.notef("\naccord: the demo failed: %v\n", failure)
		var p *client.Problem
		if errors.As(failure, &p) {
			for _, f := range p.Errors {
				n.e.notef("  %s %s%s: %s\n", f.Code, f.Pointer, f.XPath, f.Detail)
			}
		}
		return nil
	}
	n.e.printf("\nAll %d steps came out as expected, in %s.\n", len(n.steps), took)
	if n.kept != "" {
		n.tour()
	}
	return nil
}

// tour says what to do with what was kept.
func (n *narrator) tour() {
	n.e.printf(`
Kept in %[1]s:
  cn/ nz/ cb/  homes of the two gateways and of the certification body
  documents/   what was signed, and its conversions
  receipts/    what the two gateways answered
  decisions/   signed decisions of the New Zealand gateway
  trust/       trust lists, for verification without a server
Go on:
  accord verify --trust %[1]s/trust/cn.jws %[1]s/documents/ccc-vacuum.jws
  accord verify --trust %[1]s/trust/cn.jws --document %[1]s/documents/ccc-vacuum.jws %[1]s/receipts/cn-ccc-vacuum.json
  accord inspect %[1]s/documents/ccc-vacuum.json
  accord archive verify --home %[1]s/nz
  accord serve --home %[1]s/cn
`, n.kept)
}
