//go:build failpoint

package failpoint

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

var configured = sync.OnceValue(func() *points {
	p, err := parse(os.Getenv("ACCORD_FAILPOINTS"))
	if err != nil {
		fmt.Fprintln(os.Stderr, "accord: ACCORD_FAILPOINTS:", err)
		os.Exit(2)
	}
	return p
})

// At does what the place was told to do.
func At(name string) error { return configured().due(name).do() }

// Skip says whether the act that the place guards is to be left out.
func Skip(name string) bool { return configured().due(name).kind == "skip" }

// Torn writes half of b at an offset before it does what the place was told to
// do.
func Torn(name string, f io.WriterAt, b []byte, at int64) error {
	a := configured().due(name)
	if a.kind == "" {
		return nil
	}
	_, err := f.WriteAt(b[:len(b)/2], at)
	return errors.Join(err, a.do())
}
