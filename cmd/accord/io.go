package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"accord/internal/fault"
)

// maxInput bounds what a command reads as one document or message.
const maxInput = 64 << 20

// read returns the content of a file, or of standard input for "-".
func (e *env) read(name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(io.LimitReader(e.stdin, maxInput))
	}
	info, err := os.Stat(name)
	if err != nil {
		return nil, usageError(fmt.Sprintf("cannot read %s: no such file", name))
	}
	if info.Size() > maxInput {
		return nil, fault.Newf(fault.HTTPBodyTooLarge, "%s is larger than %d octets", name, maxInput)
	}
	return os.ReadFile(name)
}

// printJSON writes a value as indented JSON.
func (e *env) printJSON(v any) error {
	enc := json.NewEncoder(e.stdout)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// result prints the outcome of a command that has one sentence to say.
func (e *env) result(v map[string]any, format string, args ...any) error {
	if e.format == "json" {
		return e.printJSON(v)
	}
	e.printf(format+"\n", args...)
	return nil
}

// printf writes to standard output.
func (e *env) printf(format string, args ...any) {
	fmt.Fprintf(e.stdout, format, args...)
}

// notef writes a diagnostic to standard error.
func (e *env) notef(format string, args ...any) {
	fmt.Fprintf(e.stderr, format, args...)
}
