package wiretest

import (
	"fmt"
	"slices"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// allowed are the commands that the archive needs. A transaction's commit, a
// findAndModify or a count has no place in it.
var allowed = []string{
	"hello", "ping", "saslStart", "saslContinue", "endSessions", "replSetGetConfig", "buildInfo", "getParameter",
	"insert", "update", "delete", "find", "getMore", "killCursors", "aggregate",
	"create", "createIndexes", "listCollections", "listIndexes", "drop",
}

// AssertSafe fails the test if any command that was written down could lose an
// acknowledged entry, show one that can be lost, or is none the archive needs.
func (p *Proxy) AssertSafe(tb testing.TB) {
	tb.Helper()
	for _, v := range p.Unsafe() {
		tb.Error(v)
	}
}

// Unsafe returns what AssertSafe finds, one line each.
func (p *Proxy) Unsafe() []string {
	p.mu.Lock()
	found := slices.Clone(p.problems)
	p.mu.Unlock()
	for _, c := range p.Commands() {
		for _, v := range violations(&c) {
			found = append(found, fmt.Sprintf("command %d, %s %s: %s", c.Seq, c.Name, c.Collection, v))
		}
	}
	return found
}

// violations holds one command against the rules.
func violations(c *Command) []string {
	var found []string
	for _, rule := range rules {
		if rule.broken(c) {
			found = append(found, rule.says)
		}
	}
	return found
}

// rules is what every command must keep.
var rules = []struct {
	says   string
	broken func(*Command) bool
}{
	{"is not on the list of commands", func(c *Command) bool { return !slices.Contains(allowed, c.Name) }},
	{`writes without {w: "majority", j: true}`, func(c *Command) bool { return isWrite(c) && !isMajority(c.WriteConcern) }},
	{"reads without readConcern majority", func(c *Command) bool { return takesConcern(c) && !readsMajority(c.ReadConcern) }},
	{"reads from others than the primary", func(c *Command) bool {
		return isRead(c) && c.ReadPreference != "" && c.ReadPreference != "primary"
	}},
	{"is a bulk without ordered: false", func(c *Command) bool { return c.Bulk > 1 && (c.Ordered == nil || *c.Ordered) }},
	{"is part of a transaction", func(c *Command) bool { return c.StartTransaction || c.Autocommit != nil }},
	{"is not acknowledged", func(c *Command) bool { return c.Unacknowledged }},
	{"is not retryable", func(c *Command) bool { return (c.Name == "insert" || c.Name == "update") && c.TxnNumber == nil }},
}

func isMajority(concern bson.Raw) bool {
	w, _ := concern.Lookup("w").StringValueOK()
	j, _ := concern.Lookup("j").BooleanOK()
	return w == "majority" && j
}

func readsMajority(concern bson.Raw) bool {
	level, _ := concern.Lookup("level").StringValueOK()
	return level == "majority"
}

// takesConcern reports whether a read has a read concern of its own; those of a
// cursor have that of its first batch, and lists of names have none.
func takesConcern(c *Command) bool {
	return slices.Contains([]string{"find", "aggregate", "count", "distinct"}, c.Name)
}
