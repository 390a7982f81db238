// Package fault owns the errors that Accord shows to others: a stable code, a
// sentence that says what to do, and the place in the input it speaks of.
//
// One table ([Table]) says of each code its HTTP status, whether a retry can
// help, and its meaning; problem documents, the exit status of the command
// line, metric labels and docs/errors.md are all made of it. An error without a
// code is internal: callers learn nothing of it but that.
package fault

import (
	"errors"
	"fmt"
	"strings"
)

// Error is one classified fault.
type Error struct {
	Code   Code
	Detail string // what is wrong and what to do, for a human; never echoes input unescaped
	At     string // JSON Pointer or element path into the input; may be empty
	Err    error  // cause, for the log only
}

// Error returns code, place, detail and cause in one line.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(string(e.Code))
	if e.At != "" {
		b.WriteString(" at ")
		b.WriteString(e.At)
	}
	if e.Detail != "" {
		b.WriteString(": ")
		b.WriteString(e.Detail)
	}
	if e.Err != nil {
		b.WriteString(": ")
		b.WriteString(e.Err.Error())
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// New returns an error of the given code.
func New(code Code, detail string) *Error { return &Error{Code: code, Detail: detail} }

// Newf is New with a formatted detail.
func Newf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Detail: fmt.Sprintf(format, args...)}
}

// At returns an error of the given code at a place of the input.
func At(code Code, at, detail string) *Error { return &Error{Code: code, Detail: detail, At: at} }

// Wrap classifies err; the cause is logged and never shown.
func Wrap(err error, code Code, detail string) *Error {
	return &Error{Code: code, Detail: detail, Err: err}
}

// List is several faults found in one step; it is an error when not empty.
type List []*Error

// Error joins the faults, one a line.
func (l List) Error() string {
	lines := make([]string, len(l))
	for i, e := range l {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the faults, so that errors.Is and errors.As see each.
func (l List) Unwrap() []error {
	out := make([]error, len(l))
	for i, e := range l {
		out[i] = e
	}
	return out
}

// ErrorOrNil returns the list as an error, nil when it is empty, and the fault
// itself when there is only one.
func (l List) ErrorOrNil() error {
	switch len(l) {
	case 0:
		return nil
	case 1:
		return l[0]
	default:
		return l
	}
}

// All returns every classified fault in err, in order. An error without a code
// gives one fault with the code [Internal].
func All(err error) List {
	if err == nil {
		return nil
	}
	if l, ok := errors.AsType[List](err); ok {
		return l
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return List{e}
	}
	return List{Wrap(err, Internal, "internal error")}
}

// CodeOf returns the code of the first fault in err, [Internal] if it has
// none, and "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	return All(err)[0].Code
}

// Lookup returns the table's row for a code; an unknown code has the row of
// [Internal].
func Lookup(code Code) Row {
	if r, ok := rows[code]; ok {
		return r
	}
	return rows[Internal]
}

// Table returns every row, sorted by code.
func Table() []Row { return append([]Row(nil), table...) }

var rows = func() map[Code]Row {
	m := make(map[Code]Row, len(table))
	for _, r := range table {
		m[r.Code] = r
	}
	return m
}()
