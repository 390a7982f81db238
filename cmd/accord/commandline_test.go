package main

import (
	"bytes"
	"context"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"accord/partners"
	"accord/partners/recognition"
)

// called is what one call of the command line did.
type called struct {
	status         int
	stdout, stderr string
}

// call runs the command line in this process.
func call(t *testing.T, args ...string) called {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var stdout, stderr bytes.Buffer
	status := run(ctx, args, strings.NewReader(""), &stdout, &stderr)
	return called{status, stdout.String(), stderr.String()}
}

// command is a node of the command line: a group or a command.
type command struct {
	path string // "partner add"
	node *kong.Node
}

// commands lists every group and command.
func commands(t *testing.T) []command {
	t.Helper()
	parser, err := newParser(&cli{}, io.Discard, io.Discard, func(int) {})
	require.NoError(t, err)
	var out []command
	for _, n := range parser.Model.Children {
		out = append(out, command{n.Name, n})
		for _, sub := range n.Children {
			out = append(out, command{n.Name + " " + sub.Name, sub})
		}
	}
	require.Greater(t, len(out), 40)
	return out
}

// examples returns the calls that a help shows, each as words without accord
// and without a redirection of the shell.
func examples(t *testing.T, text string) [][]string {
	t.Helper()
	var out [][]string
	for line := range strings.Lines(text) {
		line = strings.TrimPrefix(strings.TrimSpace(line), "Example: ")
		if call, ok := strings.CutPrefix(line, "accord "); ok {
			call, _, _ = strings.Cut(call, " > ")
			out = append(out, shellWords(t, call))
		}
	}
	return out
}

// shellWords splits a call at its spaces, those between quotes left out.
func shellWords(t *testing.T, text string) []string {
	t.Helper()
	var words []string
	for i, part := range strings.Split(text, `"`) {
		if i%2 == 1 {
			words = append(words, part)
		} else {
			words = append(words, strings.Fields(part)...)
		}
	}
	require.Zero(t, strings.Count(text, `"`)%2, text)
	return words
}

func TestCommandLine_everyHelpHasAnExampleThatParses(t *testing.T) {
	t.Parallel()
	for _, c := range append(commands(t), command{}) {
		res := call(t, append(strings.Fields(c.path), "--help")...)
		assert.Zero(t, res.status, c.path)
		assert.Empty(t, res.stderr, c.path)
		assert.Contains(t, res.stdout, "Example:", c.path)
		text := res.stdout
		if c.node != nil {
			text = longHelp(t, c)
		}
		found := examples(t, text)
		assert.NotEmpty(t, found, c.path)
		for _, args := range found {
			parser, err := newParser(&cli{}, io.Discard, io.Discard, func(int) {})
			require.NoError(t, err)
			kctx, err := parser.Parse(args)
			if assert.NoError(t, err, args) {
				assert.True(t, strings.HasPrefix(kctx.Command(), c.path), "%s shows an example of %s", c.path, kctx.Command())
			}
		}
	}
}

// longHelp returns the help of a group or command before it is laid out.
func longHelp(t *testing.T, c command) string {
	t.Helper()
	provider, ok := c.node.Target.Addr().Interface().(kong.HelpProvider)
	require.True(t, ok, "%s has no help", c.path)
	return provider.Help()
}

// example returns the words of the first example of a command.
func example(t *testing.T, c command) []string {
	t.Helper()
	found := examples(t, longHelp(t, c))
	require.NotEmpty(t, found, c.path)
	return found[0]
}

// hasForm says whether not every text is a value of the flag: it is one word of
// a list, or its type reads it.
func hasForm(v *kong.Value) bool {
	typ := v.Target.Type()
	if typ.Kind() == reflect.Slice {
		typ = typ.Elem()
	}
	return v.Enum != "" || typ != reflect.TypeFor[string]()
}

// Every flag whose values have a form is given a value without it: that is a
// mistake in the words of the call, status 2, and the message names the flag
// and, where there is a list, every word that is allowed.
func TestCommandLine_refusesValuesWithoutForm(t *testing.T) {
	t.Parallel()
	const bogus = "?!"
	tried := 0
	for _, c := range commands(t) {
		if len(c.node.Children) > 0 {
			continue
		}
		words := example(t, c)
		for _, f := range c.node.AllFlags(true) {
			for _, flag := range f {
				if !hasForm(flag.Value) || flag.Name == "help" {
					continue
				}
				tried++
				res := call(t, append(words, "--"+flag.Name+"="+bogus)...)
				assert.Equal(t, exitUsage, res.status, "%s --%s", c.path, flag.Name)
				assert.Empty(t, res.stdout, "%s --%s", c.path, flag.Name)
				assert.Contains(t, res.stderr, "--"+flag.Name, c.path)
				assertNames(t, res.stderr, flag.Enum)
				assert.Contains(t, res.stderr, "Try: accord "+c.path+" --help")
			}
		}
		for i, arg := range c.node.Positional {
			if !hasForm(arg) {
				continue
			}
			tried++
			args := append([]string(nil), words...)
			args[len(args)-len(c.node.Positional)+i] = bogus
			res := call(t, args...)
			assert.Equal(t, exitUsage, res.status, "%s <%s>", c.path, arg.Name)
			assert.Contains(t, res.stderr, "<"+arg.Name+">", c.path)
			assertNames(t, res.stderr, arg.Enum)
		}
	}
	assert.Greater(t, tried, 100)
}

// assertNames: the message names the words of a list.
func assertNames(t *testing.T, message, enum string) {
	t.Helper()
	for _, word := range strings.Split(enum, ",") {
		assert.Contains(t, message, word)
	}
}

func TestCommandLine_usageFaultsEndWithTwo(t *testing.T) {
	t.Parallel()
	body := string(newBodyHome(t))
	for _, test := range []struct {
		args string
		want []string // of the message
	}{
		{"", []string{`expected one of "demo", "init"`, "accord --help"}},
		{"nonsense", []string{"unexpected argument nonsense"}},
		{"partner", []string{`expected one of "add", "list", "show", "suspend"`, "accord partner --help"}},
		{"partner nonsense", []string{"unexpected argument nonsense"}},
		{"validate", []string{`expected "<file>"`, "accord validate --help"}},
		{"validate --nonsense x", []string{"unknown flag --nonsense"}},
		{"validate --format yaml x", []string{`--format must be one of "text","json" but got "yaml"`}},
		{"validate no-such-file", []string{"cannot read no-such-file: no such file"}},
		{"validate .", []string{"it is a directory"}},
		{"convert --to zzz x", []string{"native+json, native+xml, generic+json, generic+xml"}},
		{"convert --from zzz --to native+xml x", []string{"native+json, native+xml, generic+json, generic+xml"}},
		{"convert x", []string{"missing flags: --to"}},
		{"status set revoke 1 --reason x", []string{`"suspend","restore","withdraw","cancel","supersede","correct" but got "revoke"`}},
		{"status set suspend 1", []string{"--reason"}},
		{"status set suspend 1 --reason x --effective 2026-02-30", []string{"--effective", "is not a date"}},
		{"status set suspend 1 --reason x --zone Shanghai", []string{"--zone", "as +08:00 or Z"}},
		{"status set withdraw 1 --reason x --until 2026-01-31", []string{"--until does not go with withdraw"}},
		{"status set restore 1 --reason x --sell-through 2026-01-31", []string{"--sell-through does not go with restore"}},
		{"status set supersede 1 --reason x", []string{"supersede needs --superseded-by"}},
		{"status set correct 1 --reason x --corrects 2", []string{"correct needs --reason-code"}},
		{"status set correct 1 --reason x --corrects 2 --reason-code because", []string{"enteredInError, appealUpheld, courtOrder"}},
		{"evaluate --purpose fun 1", []string{`"import","placeOnMarket","continuedSale","tender","information" but got "fun"`}},
		{"evaluate --fact colour=red 1", []string{"model, origin, assembledIn, shippedFrom, shippedDirect, companion"}},
		{"evaluate --fact origin 1", []string{"k=v"}},
		{"evaluate --fact origin=China 1", []string{"origin", "ISO 3166-1"}},
		{"evaluate --fact shippedDirect=maybe 1", []string{"shippedDirect is true or false"}},
		{"evaluate --fact companion=abc 1", []string{"sha-256"}},
		{"evaluate --partner New_Zealand 1", []string{"neither an economy"}},
		{"evaluate --known-at yesterday 1", []string{"ledger size"}},
		{"evaluate --at yesterday 1", []string{"RFC 3339"}},
		{"routes --from CN --to NZ --activity baking", []string{"testing, inspection, certification"}},
		{"routes --from China --to NZ", []string{"--from"}},
		{"verify --at yesterday x", []string{"--at", "RFC 3339"}},
		{"verify --trust no-such-home " + body + "/partner.json", []string{"there is no home, trust list or URL no-such-home"}},
		{"verify --trust ftp://x " + body + "/partner.json", []string{"no home, file or http URL"}},
		{"jws verify --jwk " + body + "/keys/doc.pem " + body + "/partner.json", []string{"this is a private key", "accord keys export"}},
		{"sign --type poem x", []string{`"attestation","status","vc","registry"`}},
		{"sign --detached --type registry x", []string{"--detached is for attestations"}},
		{"submit --to Mars x", []string{"--to", "neither an economy"}},
		{"submit --server nowhere x", []string{"--server", "http or https URL"}},
		{"get --as pdf x", []string{`"pdf" is not one of json, xml, jose, original, receipt, vc+jwt, untp`}},
		{"get --signature f x", []string{"--signature goes with --as original"}},
		{"get att_0", []string{"--server URL"}},
		{"pull --into http://127.0.0.1:1", []string{"--into and --as go together"}},
		{"pull --as cn-authority", []string{"--into and --as go together"}},
		{"pull --wait -1s", []string{"--wait"}},
		{"pull", []string{"--server URL"}},
		{"token", []string{"missing flags: --audience"}},
		{"token --audience gateway", []string{"--audience", "http or https URL"}},
		{"init --authority China", []string{"two letters of ISO 3166-1"}},
		{"init --authority CN --partner cn-x", []string{"--authority and --partner can't be used together"}},
		{"init --partner Example", []string{"not a partner id"}},
		{"init --partner cn-x --kind bakery", []string{`"accreditationBody","certificationBody"`}},
		{"init --partner cn-x --identifier nothing", []string{"scheme=value"}},
		{"init --authority CN --url ftp://x", []string{"http or https URL"}},
		{"init --authority CN --archive mongo", []string{"--archive must be local:PATH, mongodb://"}},
		{"init --authority CN --archive mongodb://x:y@z/a", []string{"must not hold a password"}},
		{"init --join", []string{"--join and --keys DIR go together"}},
		{"init", []string{"--authority ECONOMY"}},
		{"keys new admin", []string{`"doc","auth","operator" but got "admin"`}},
		{"keys new --alg HS256 doc", []string{`"ES256","ES384","EdDSA","PS256" but got "HS256"`}},
		{"keys rotate operator", []string{`"log","cursor" but got "operator"`}},
		{"keys rotate --overlap -1h doc", []string{"--overlap"}},
		{"ledger check", []string{"home of a body without a gateway"}},
		{"serve", []string{"home of a body without a gateway"}},
		{"bench --mix everything", []string{`--mix must be one of "json"`}},
	} {
		args := append([]string{"--home", body}, strings.Fields(test.args)...)
		res := call(t, args...)
		assert.Equal(t, exitUsage, res.status, test.args)
		assert.Empty(t, res.stdout, test.args)
		for _, w := range test.want {
			assert.Contains(t, res.stderr, w, test.args)
		}
		assert.NotContains(t, res.stderr, "value value", test.args)
	}
}

// newBodyHome makes the home of a body.
func newBodyHome(t *testing.T) home {
	t.Helper()
	h := home(t.TempDir() + "/cb")
	e, _, stderr := demoEnv(t.Context(), "text")
	require.NoError(t, newDemoBody(e, h), stderr)
	return h
}

// The words of the flags are those of the domain.
func TestCommandLine_wordsAreThoseOfTheDomain(t *testing.T) {
	t.Parallel()
	words := map[string]string{}
	for _, c := range commands(t) {
		for _, f := range c.node.Flags {
			words[c.path+" "+f.Name] = f.Enum
		}
	}
	for _, purpose := range strings.Split(words["evaluate purpose"], ",") {
		assert.True(t, recognition.Purpose(purpose).Valid(), purpose)
	}
	for _, kind := range strings.Split(words["init kind"], ",") {
		_, err := partners.ParsePartner([]byte(`{"id":"xx","name":[{"lang":"en","value":"X"}],"kind":"` + kind + `","economies":["CN"],"status":[{"status":"active"}]}`))
		assert.NoError(t, err, kind)
	}
	for _, a := range activities() {
		_, err := partners.ParseDesignation([]byte(`{"id":"xx","body":"yy","activities":["` + a + `"],"basis":"designation","designatedBy":"zz","periods":[{"status":"active"}]}`))
		assert.NoError(t, err, a)
	}
}

func TestZone_knowsItsToday(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 31, 20, 0, 0, 0, time.UTC)
	assert.Equal(t, day("2026-01-31"), zone("+00:00").today(at))
	assert.Equal(t, day("2026-01-31"), zone("Z").today(at))
	assert.Equal(t, day("2026-02-01"), zone("+08:00").today(at))
	assert.Equal(t, day("2026-01-31"), zone("-11:00").today(at))
}
