package main

import "accord/internal/fault"

// importCmd brings the records of a register into a gateway; it is wired into
// the command line when it can.
type importCmd struct {
	File string `arg:"" help:"CSV or XML records in the manner of IAF CertSearch; - for standard input."`
}

// Run imports the file.
func (c *importCmd) Run(*env) error {
	return fault.New(fault.HTTPUnavailable, "accord import does not read "+c.File+" yet")
}
