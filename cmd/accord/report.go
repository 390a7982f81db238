package main

import (
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"

	"accord/client"
	"accord/internal/fault"
)

// failure is an error of a command in the form of JSON: the last line on
// standard error.
type failure struct {
	Code      fault.Code `json:"code,omitempty"` // none of a usage error
	Detail    string     `json:"detail"`
	Cause     string     `json:"cause,omitempty"`
	Retryable bool       `json:"retryable"`
	Exit      int        `json:"exit"`

	// Errors are all findings where there are several, or where they name a
	// place of the input.
	Errors  []client.ProblemError `json:"errors,omitempty"`
	Problem *client.Problem       `json:"problem,omitempty"` // what a gateway answered
}

// advice is what to do about what ends a gateway; a code that is not here says
// it in its detail.
var advice = map[fault.Code]string{
	fault.LedgerFork:         "An operator must act before it is started again: copy the archive and the signer's memory aside, then put the newest of both back (docs/operations.md, Exit status 4).",
	fault.ArchiveUnreachable: "Nothing is wrong with the ledger: if it is the configuration that the message names, correct it; else start again when the database answers.",
}

// report writes an error to standard error and returns the exit status.
func report(e *env, err error) int {
	var s statusError
	if errors.As(err, &s) {
		return int(s)
	}
	f := failureOf(err)
	if e.format == "json" {
		// Whatever stands in it is text; it always has a form.
		line, _ := json.Marshal(f)
		fmt.Fprintf(e.stderr, "%s\n", line)
		return f.Exit
	}
	f.print(e, err)
	return f.Exit
}

func failureOf(err error) failure {
	var u usageError
	if errors.As(err, &u) {
		return failure{Detail: u.Error(), Exit: exitUsage}
	}
	var p *client.Problem
	if errors.As(err, &p) {
		return failure{Code: p.Code, Detail: p.Detail, Retryable: p.Retryable, Exit: exitStatus(p.Code, p.Status), Errors: p.Errors, Problem: p}
	}
	all := fault.All(err)
	code := fault.CodeOf(err)
	row := fault.Lookup(code)
	f := failure{Code: code, Detail: all[0].Detail, Retryable: row.Retry == fault.Later, Exit: exitStatus(code, row.Status)}
	if code == fault.Internal {
		f.Detail = err.Error()
		return f
	}
	if all[0].Err != nil {
		f.Cause = all[0].Err.Error()
	}
	if len(all) > 1 || all[0].At != "" {
		for _, one := range all {
			f.Errors = append(f.Errors, client.ProblemError{Pointer: one.At, Code: string(one.Code), Detail: one.Detail})
		}
	}
	if todo := advice[code]; todo != "" {
		f.Detail += ". " + todo
	}
	return f
}

// print writes it for people: one line for each finding.
func (f failure) print(e *env, err error) {
	switch {
	case f.Problem != nil:
		reportProblem(e, f.Problem)
		return
	case f.Code == "" || f.Code == fault.Internal:
		fmt.Fprintln(e.stderr, "accord:", f.Detail)
		return
	}
	for _, one := range fault.All(err) {
		fmt.Fprintln(e.stderr, "accord:", one)
	}
	if todo := advice[f.Code]; todo != "" {
		fmt.Fprintln(e.stderr, todo)
	}
	var unknown x509.UnknownAuthorityError
	if errors.As(err, &unknown) {
		fmt.Fprintln(e.stderr, "Where the gateway has the development PKI of its home, set SSL_CERT_FILE to its pki/ca.pem.")
	}
}

// reportProblem writes what a gateway answered: one finding in one line.
func reportProblem(e *env, p *client.Problem) {
	if len(p.Errors) == 1 && p.Errors[0].Detail == p.Detail {
		f := p.Errors[0]
		fmt.Fprintf(e.stderr, "accord: %d %s at %s%s: %s\n", p.Status, p.Code, f.Pointer, f.XPath, p.Detail)
		return
	}
	fmt.Fprintln(e.stderr, "accord:", p)
	for _, f := range p.Errors {
		fmt.Fprintf(e.stderr, "  %s %s%s: %s\n", f.Code, f.Pointer, f.XPath, f.Detail)
	}
	if p.Code == fault.AuthMissing {
		fmt.Fprintf(e.stderr, "Does that gateway know the keys of %s? Its operator registers them: accord partner add %s\n", e.home, home(e.home).path("partner.json"))
	}
}
