package main

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

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
// $ALONE one of a server without a replica set. The command refusing URL waits
// for a gateway that runs and is not ready.
func TestMongoScripts(t *testing.T) {
	t.Parallel()
	server := ferrettest.Start(t)
	set := wiretest.Start(t, server.Addr(), wiretest.Options{Members: 3})
	alone := wiretest.Start(t, server.Addr(), wiretest.Options{Standalone: true})
	t.Cleanup(func() { set.AssertSafe(t) })
	commands := maps.Clone(scriptCommands)
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
		Cmds: commands,
	})
}

func scriptRefusing(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: refusing URL")
	}
	client := http.Client{Timeout: 5 * time.Second}
	for range 100 {
		res, err := client.Get(args[0] + "/readyz")
		if err == nil {
			_ = res.Body.Close()
			if res.StatusCode != http.StatusServiceUnavailable {
				ts.Fatalf("%s: readiness is %s", args[0], res.Status)
			}
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	ts.Fatalf("%s does not answer", args[0])
}

// onDatabase names a database in a connection string.
func onDatabase(uri, name string) string {
	scheme, rest, _ := strings.Cut(uri, "://")
	hosts, options, _ := strings.Cut(rest, "/")
	return scheme + "://" + hosts + "/" + name + options
}
