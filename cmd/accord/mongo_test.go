package main

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"accord/storage/mongo/ferrettest"
	"accord/storage/mongo/wiretest"
)

// TestMongoScripts runs testdata/mongo/*.txtar: archives in a database. Each
// script has one of its own on a FerretDB server behind a proxy that plays a
// replica set of three.
//
// Beside what TestScripts has, $DB is a connection string with the name of the
// database, $OTHER one of another database, $NOBODY one where no server is, and
// $ALONE one of a server without a replica set.
func TestMongoScripts(t *testing.T) {
	t.Parallel()
	server := ferrettest.Start(t)
	set := wiretest.Start(t, server.Addr(), wiretest.Options{Members: 3})
	alone := wiretest.Start(t, server.Addr(), wiretest.Options{Standalone: true})
	t.Cleanup(func() { set.AssertSafe(t) })
	var count atomic.Int64
	testscript.Run(t, testscript.Params{
		Dir: "testdata/mongo",
		Setup: func(env *testscript.Env) error {
			nobody, err := freeAddress()
			if err != nil {
				return err
			}
			n := count.Add(1)
			env.Setenv("DB", onDatabase(set.URI(), fmt.Sprintf("script%d", n)))
			env.Setenv("OTHER", onDatabase(set.URI(), fmt.Sprintf("other%d", n)))
			env.Setenv("ALONE", onDatabase(alone.URI(), fmt.Sprintf("script%d", n)))
			env.Setenv("NOBODY", "mongodb://"+nobody+"/accord")
			env.Setenv("NOBODY_ADDR", nobody)
			return scriptEnv(env)
		},
		Cmds: scriptCommands,
	})
}

// onDatabase names a database in a connection string.
func onDatabase(uri, name string) string {
	scheme, rest, _ := strings.Cut(uri, "://")
	hosts, options, _ := strings.Cut(rest, "/")
	return scheme + "://" + hosts + "/" + name + options
}
