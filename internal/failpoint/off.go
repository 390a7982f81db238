//go:build !failpoint

package failpoint

import "io"

// At does nothing in this build.
func At(string) error { return nil }

// Skip is false in this build.
func Skip(string) bool { return false }

// Torn does nothing in this build.
func Torn(string, io.WriterAt, []byte, int64) error { return nil }
