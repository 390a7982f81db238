package main

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"accord/configs"
)

// demoFiles are the documents of the demo: a CCC certificate and its second
// revision, a certificate for a product that is not on the list, and a
// document of a kind that the agreement does not cover. Companies, numbers and
// models in them are invented; form, rules and check digits are real.
//
//go:embed demodata/*.json
var demoFiles embed.FS

// demoTime bounds the demo; it takes about a second.
const demoTime = 60 * time.Second

// demoCmd plays the whole way of one certificate across a border.
type demoCmd struct {
	Keep string `help:"Leave homes, documents, receipts and decisions in this directory, which must be new or empty." placeholder:"DIR" type:"path"`
}

// Help shows an example.
func (demoCmd) Help() string {
	return help{
		about:    "Two gateways on 127.0.0.1 with the embedded archive, a certification body and the China–New Zealand agreement. Every step says what is expected, and the command fails when it does not come out.",
		json:     "{result, steps[{step, title, result, evidence[…], problem?, …}], took, kept?}",
		examples: []string{"accord demo", "accord demo --keep ./demo"},
	}.String()
}

// Run plays the story and ends with status 1 at the first expectation that is
// not met.
func (c *demoCmd) Run(e *env) (err error) {
	if os.Getenv(configs.ArchiveVariable) != "" {
		return usageError("the demo has archives of its own; unset " + configs.ArchiveVariable)
	}
	dir, kept, err := c.directory()
	if err != nil {
		return err
	}
	if !kept {
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	}
	ctx, cancel := context.WithTimeout(e.ctx, demoTime)
	defer cancel()
	inner := *e
	inner.ctx = ctx
	n := &narrator{e: e, began: time.Now(), quiet: e.format == "json"}
	s := &story{env: &inner, dir: dir, say: n}
	failure := s.play()
	if failure == nil && kept {
		n.kept = dir
	}
	if err := n.end(failure); err != nil {
		return err
	}
	if failure != nil {
		return statusError(exitFailed)
	}
	return nil
}

// directory is where the demo lives, and whether it stays.
func (c *demoCmd) directory() (string, bool, error) {
	if c.Keep == "" {
		dir, err := os.MkdirTemp("", "accord-demo-")
		if err != nil {
			return "", false, fmt.Errorf("make directory: %w", err)
		}
		return dir, false, nil
	}
	dir, err := filepath.Abs(c.Keep)
	if err != nil {
		return "", false, fmt.Errorf("resolve %s: %w", c.Keep, err)
	}
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return "", false, usageError(fmt.Sprintf("%s is not empty; name a new directory with --keep", c.Keep))
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", false, fmt.Errorf("make directory: %w", err)
	}
	return dir, true, nil
}
