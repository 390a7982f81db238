package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"accord/internal/fault"
)

// maxInput bounds what a command reads as one document or message.
const maxInput = 64 << 20

// read returns the content of a file, or of standard input for "-".
func (e *env) read(name string) ([]byte, error) {
	if name == "-" {
		raw, err := io.ReadAll(io.LimitReader(e.stdin, maxInput+1))
		if err == nil && len(raw) > maxInput {
			err = fault.Newf(fault.HTTPBodyTooLarge, "standard input is larger than %d octets", maxInput)
		}
		return raw, err
	}
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, usageError(fmt.Sprintf("cannot read %s: no such file", name))
	case err != nil:
		return nil, usageError(fmt.Sprintf("cannot read %s: %v", name, errors.Unwrap(err)))
	case info.IsDir():
		return nil, usageError(fmt.Sprintf("cannot read %s: it is a directory", name))
	case info.Size() > maxInput:
		return nil, fault.Newf(fault.HTTPBodyTooLarge, "%s is larger than %d octets", name, maxInput)
	}
	raw, err := os.ReadFile(name)
	if err != nil {
		return nil, usageError(fmt.Sprintf("cannot read %s: %v", name, errors.Unwrap(err)))
	}
	return raw, nil
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

// text writes a result that is one piece of text, without a line end; as JSON it
// is the one member of an object.
func (e *env) text(member string, value []byte) error {
	if e.format == "json" {
		return e.printJSON(map[string]string{member: string(value)})
	}
	_, err := e.stdout.Write(value)
	return err
}

// printf writes to standard output.
func (e *env) printf(format string, args ...any) {
	fmt.Fprintf(e.stdout, format, args...)
}

// notef writes a diagnostic to standard error.
func (e *env) notef(format string, args ...any) {
	fmt.Fprintf(e.stderr, format, args...)
}
